/** The browsers of Debian: found, or installed where that is allowed. */
import { installPackage, runs } from '../../../packages/storage-redis/test/debian.ts'

export type BrowserName = 'chromium' | 'firefox'

export const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']

const PROGRAMS: Readonly<Record<BrowserName, { readonly candidates: readonly string[], readonly package: string }>> = {
  chromium: { candidates: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'], package: 'chromium' },
  firefox: { candidates: ['/usr/bin/firefox-esr', '/usr/bin/firefox'], package: 'firefox-esr' }
}

/** The program to start; `null` where there is none and it may not be installed. */
export function findBrowser (name: BrowserName): string | null {
  const found = () => PROGRAMS[name].candidates.find(candidate => runs(candidate, '--version')) ?? null
  const program = found()
  if (program !== null) return program
  installPackage(PROGRAMS[name].package)
  return found()
}

/** Why tests in this browser are to be skipped, for their report; `false` where they run. In CI they run, and fail without it. */
export function skipWithout (name: BrowserName): string | false {
  return findBrowser(name) === null && process.env.CI !== 'true' ? howToInstall(name) : false
}

export function howToInstall (name: BrowserName): string {
  return `${name} is missing: install Debian's package ${PROGRAMS[name].package}`
}
