/** nginx: found, or installed where that is allowed. */
import { installPackage, runs } from '../../../../packages/storage-redis/test/debian.ts'

const HOW_TO_INSTALL = 'nginx is missing: install Debian\'s package nginx (or put nginx on the PATH)'
// Debian keeps it where only root looks.
const CANDIDATES = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx']

/** The program to start; `null` where there is none and it may not be installed. */
export function findNginx (): string | null {
  const found = () => CANDIDATES.find(candidate => runs(candidate, '-v')) ?? null
  if (found() === null) installPackage('nginx')
  return found()
}

/** Why tests that need nginx cannot run, for their report; `false` where they can. */
export function nginxIsMissing (): string | false {
  return findNginx() === null ? HOW_TO_INSTALL : false
}
