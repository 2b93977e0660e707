/** A client's response on its way to the node whose request it answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Storage } from '@mcp/storage'
import { nodeChannel, type ForwardedResponse } from './channel.ts'

/** How long, and how often, it is offered to a node that lives and does not hear. */
const PATIENCE_MS = 2_000
const PAUSE_MS = 100

/**
 * Answers `false` where the node lives and cannot be reached: a node that lost the bus finds it again soon, and most clients
 * do not try twice. A node that is gone waits for nothing any more, so that counts as done.
 */
export async function forward ({ bus, nodes }: Storage, node: string, forwarded: ForwardedResponse): Promise<boolean> {
  const text = JSON.stringify(forwarded)
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    if (await bus.publish(nodeChannel(node), text) !== 0 || !await nodes.alive(node)) return true
    if (performance.now() > deadline) return false
  }
}
