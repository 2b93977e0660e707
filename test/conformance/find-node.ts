import { nodeBinary } from '../lib/node-binary.ts'

/** What the CLI asks of Node.js. */
const needed = 22

/**
 * The Node.js that runs the official CLI: this one when it is new enough, else the one of @mcp/node-24.
 * @throws When neither is there.
 */
export function findNode (): string {
  if (Number.parseInt(process.versions.node, 10) >= needed) return process.execPath
  const node = nodeBinary(24)
  if (node !== null) return node
  throw new Error(`the conformance CLI needs Node.js ${needed} or later: @mcp/node-24 has no binary for ${process.platform} ${process.arch}`)
}
