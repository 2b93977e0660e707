/** nginx: found, or installed where that is allowed. */
import { execFileSync } from 'node:child_process'

const HOW_TO_INSTALL = 'nginx is missing: install Debian\'s package nginx (or put nginx on the PATH)'
// Debian keeps it where only root looks.
const CANDIDATES = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx']

/** The program to start; `null` where there is none and it may not be installed. */
export function findNginx (): string | null {
  const found = () => CANDIDATES.find(candidate => runs(candidate, '-v')) ?? null
  if (found() === null && process.getuid?.() === 0 && runs('apt-get', '--version')) install()
  return found()
}

/** Why tests that need nginx cannot run, for their report; `false` where they can. */
export function nginxIsMissing (): string | false {
  return findNginx() === null ? HOW_TO_INSTALL : false
}

function runs (program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function install (): void {
  // RUNLEVEL: a service that is installed for a test is not started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = (...args: string[]) => execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, stdio: 'ignore' })
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'nginx')
  } catch {
    // No network, no such package: whoever asked says what is missing.
  }
}
