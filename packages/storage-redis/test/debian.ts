/** Programs that tests need and that Debian has. */
import { execFileSync } from 'node:child_process'

/** Whether `program` can be started with these arguments and ends well. */
export function runs (program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Installs a package where that is allowed: for root, with apt-get. */
export function installPackage (name: string): void {
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) return
  // RUNLEVEL: a service that is installed for a test is not started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = (...args: string[]) => execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, stdio: 'ignore' })
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', name)
  } catch {
    // No network, no such package: whoever asked says what is missing.
  }
}
