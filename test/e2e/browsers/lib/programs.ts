/** The browsers of Debian: found, or installed where that is allowed. */
import { installPackage, runs } from '../../../../packages/storage-redis/test/debian.ts'

/** What Puppeteer drives. */
export type BrowserName = 'chromium' | 'firefox'

export const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']

/** `xvfb`: the screen that WebKit wants, which is never seen. */
type ProgramName = BrowserName | 'webkit' | 'xvfb'

interface Program {
  readonly candidates: readonly string[]
  /** Shows that it can be started. */
  readonly argument: string
  readonly package: string
}

const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  chromium: { candidates: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'], argument: '--version', package: 'chromium' },
  firefox: { candidates: ['/usr/bin/firefox-esr', '/usr/bin/firefox'], argument: '--version', package: 'firefox-esr' },
  webkit: { candidates: ['/usr/bin/WebKitWebDriver'], argument: '--help', package: 'webkit2gtk-driver' },
  xvfb: { candidates: ['/usr/bin/Xvfb'], argument: '-help', package: 'xvfb' }
}

/** The program to start; `null` where there is none and it may not be installed. */
export function findBrowser (name: ProgramName): string | null {
  const { candidates, argument, package: wanted } = PROGRAMS[name]
  const found = () => candidates.find(candidate => runs(candidate, argument)) ?? null
  const program = found()
  if (program !== null) return program
  installPackage(wanted)
  return found()
}

/** Why tests in this browser are to be skipped, for their report; `false` where they run. In CI they run, and fail without it. */
export function skipWithout (name: ProgramName): string | false {
  return findBrowser(name) === null && process.env.CI !== 'true' ? howToInstall(name) : false
}

export function howToInstall (name: ProgramName): string {
  return `${name} is missing: install Debian's package ${PROGRAMS[name].package}`
}
