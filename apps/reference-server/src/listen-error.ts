import type { Config } from './config.ts'

/** One line that says why the server cannot listen and which variable to change, or `null` for any other error. */
export function describeListenError (error: unknown, { host, port }: Config): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is already in use: set PORT to another port (0 picks a free one)`
    case 'EACCES':
      return `Port ${port} may not be used by this user: set PORT to a port above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine: set HOST to one (127.0.0.1 for this machine alone, 0.0.0.0 for all)`
    default:
      return null
  }
}
