/** The browsers of Debian: found, or installed where that is allowed. */
import { readFileSync, statSync } from 'node:fs'
import { installPackage, runs } from '../../../packages/storage-redis/test/debian.ts'

export type BrowserName = 'chromium' | 'firefox'

export const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']

const PROGRAMS: Readonly<Record<BrowserName, { readonly candidates: readonly string[], readonly package: string }>> = {
  chromium: { candidates: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'], package: 'chromium' },
  firefox: { candidates: ['/usr/bin/firefox-esr', '/usr/bin/firefox'], package: 'firefox-esr' }
}

const APT_LOCKS = ['/var/lib/apt/lists/lock', '/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock']
const INSTALL_MS = 240_000
/** Installations that may fail while nobody else installs anything: there is no network, or no such package. */
const ATTEMPTS = 2

/** The program to start; `null` where there is none and it may not be installed. */
export function findBrowser (name: BrowserName): string | null {
  const found = () => PROGRAMS[name].candidates.find(candidate => runs(candidate, '--version')) ?? null
  const deadline = Date.now() + INSTALL_MS
  let program = found()
  // Tests of both browsers, and of other things, begin at the same time, and `apt-get update` does not wait for another one.
  for (let attempts = 0; program === null && attempts < ATTEMPTS && Date.now() < deadline; program = found()) {
    if (!aptIsBusy()) installPackage(PROGRAMS[name].package)
    if (aptIsBusy()) pause(1_000)
    else attempts++
  }
  return program
}

/** Whether somebody holds one of apt's locks. On Linux; elsewhere there is no apt. */
function aptIsBusy (): boolean {
  try {
    const inodes = APT_LOCKS.map(lock => statSync(lock, { throwIfNoEntry: false })?.ino)
    const held = readFileSync('/proc/locks', 'utf8')
    return inodes.some(inode => inode !== undefined && new RegExp(`:${inode} `).test(held))
  } catch {
    return false
  }
}

/** There is nothing else to do meanwhile, and installing is no less blocking. */
function pause (ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Why tests in this browser are to be skipped, for their report; `false` where they run. In CI they run, and fail without it. */
export function skipWithout (name: BrowserName): string | false {
  return findBrowser(name) === null && process.env.CI !== 'true' ? howToInstall(name) : false
}

export function howToInstall (name: BrowserName): string {
  return `${name} is missing: install Debian's package ${PROGRAMS[name].package}`
}
