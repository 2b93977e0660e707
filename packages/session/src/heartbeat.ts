/** Says that this node lives, for as long as it does. */
import { ticker, type NodeRegistry } from '@mcp/storage'

/** Without a beat for this long a node counts as dead. A node may be busy for a while; a dead one should not be waited for. */
const TTL_MS = 6_000
const BEATS_PER_TTL = 3

/**
 * Starts at once; answers how to stop, which takes this node off the list. Where that fails, the other nodes wait until its last beat
 * expires; what goes wrong goes to `onError`, never to the caller.
 */
export function beat (nodes: NodeRegistry, node: string, onError: (error: unknown) => void): () => Promise<void> {
  const once = async (): Promise<void> => {
    try {
      await nodes.beat(node, TTL_MS)
    } catch (error) {
      onError(error)
    }
  }
  once().catch(onError)
  const stop = ticker.every(TTL_MS / BEATS_PER_TTL, once)
  return async () => {
    stop()
    try {
      await nodes.leave(node)
    } catch (error) {
      onError(error)
    }
  }
}
