/** Says that this node lives, for as long as it does. */
import { ticker, type NodeRegistry } from '@mcp/storage'

/** Without a beat for this long a node counts as dead. A node may be busy for a while; a dead one should not be waited for. */
const TTL_MS = 6_000
const BEATS_PER_TTL = 3

/**
 * Starts at once; answers how to stop, which takes this node off the list. Where that fails, the other nodes wait until its last beat
 * expires; what goes wrong goes to `onError`, never to the caller. Beats that fail one after the other are one outage and one error; an
 * outage that the storage has logged itself (`MCP_STORAGE_UNAVAILABLE`) is none.
 *
 * @param onForgotten The storage lost the last beat, and so maybe more.
 */
export function beat (
  nodes: NodeRegistry, node: string, onError: (error: unknown) => void,
  beatMs: number = TTL_MS / BEATS_PER_TTL, onForgotten: () => void = () => {}
): () => Promise<void> {
  let beaten = false
  let isFailing = false
  const failed = (error: unknown): void => {
    if (!isFailing && !isLoggedByStorage(error)) onError(error)
    isFailing = true
  }
  const once = async (): Promise<void> => {
    try {
      const forgotten = beaten && !await nodes.alive(node)
      await nodes.beat(node, TTL_MS)
      isFailing = false
      beaten = true
      if (forgotten) onForgotten()
    } catch (error) {
      failed(error)
    }
  }
  once().catch(onError)
  const stop = ticker.every(beatMs, once)
  return async () => {
    stop()
    try {
      await nodes.leave(node)
    } catch (error) {
      failed(error)
    }
  }
}

function isLoggedByStorage (error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'MCP_STORAGE_UNAVAILABLE'
}
