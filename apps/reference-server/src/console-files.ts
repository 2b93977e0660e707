/** Where the built page is. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** The directory of the built console; `null` where it was not built. */
export function consoleFiles (): string | null {
  const manifest = createRequire(import.meta.url).resolve('@mcp/console/package.json')
  const directory = path.join(path.dirname(manifest), 'dist')
  return existsSync(path.join(directory, 'index.html')) ? directory : null
}
