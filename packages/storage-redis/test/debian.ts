/** Programs that tests need and that Debian has. */
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Held by whichever test installs something. */
const LOCK = path.join(tmpdir(), 'mcp-fastify-apt.lock')
const WAIT_S = 240

/** Whether `program` can be started with these arguments and ends well. */
export function runs (program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Installs a package where that is allowed: for root, with apt-get. One at a time: apt-get fails where another one reads its lists. */
export function installPackage (name: string): void {
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) return
  // RUNLEVEL: a service that is installed for a test is not started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = `apt-get -q -o DPkg::Lock::Timeout=${WAIT_S}`
  const install = `${apt} install -y --no-install-recommends ${name}`
  try {
    // The lists of packages may be missing, or too old.
    execFileSync('flock', ['-w', String(WAIT_S), LOCK, 'sh', '-c', `${install} || { ${apt} update && ${install}; }`], { env, stdio: 'ignore' })
  } catch {
    // No network, no such package: whoever asked says what is missing.
  }
}
