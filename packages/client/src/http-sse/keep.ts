import { asError } from '../coded-error.ts'
import { MCP_CLIENT_GAVE_UP, MCP_CLIENT_HTTP_STATUS } from '../errors.ts'
import { Backoff } from '../stream/backoff.ts'
import type { Wire } from '../wire.ts'
import type { SseConnection } from './sse-connection.ts'

export interface KeepHooks {
  /** A connection ended, or could not be had. */
  readonly lost: (failure: Error | undefined) => void
  /** Opens the next one, with a handshake of its own. */
  readonly resume: () => Promise<SseConnection>
  /** There will be none. */
  readonly gaveUp: (error: Error) => void
  /** Whether somebody waits for the next one. */
  readonly awaited: () => boolean
}

/** Watches over connection after connection of an HTTP+SSE client, until it is closed or the budget is used up (F-17). */
export async function keep (wire: Wire, first: SseConnection, hooks: KeepHooks): Promise<void> {
  const backoff = new Backoff(wire.reconnect)
  let connection: SseConnection | undefined = first
  let failure: Error | undefined
  for (;;) {
    if (connection !== undefined) failure = await connection.ended
    if (wire.closed) return
    if (connection?.proven === true) backoff.reset()
    hooks.lost(failure)
    const delay = connection === undefined && isFinal(failure) ? undefined : backoff.next()
    if (delay === undefined) {
      return hooks.gaveUp(new MCP_CLIENT_GAVE_UP(failure?.message ?? 'the server closes every connection', { cause: failure }))
    }
    await wire.timers.wait(delay, hooks.awaited())
    if (wire.closed) return
    connection = await hooks.resume().catch((error: unknown) => {
      failure = asError(error)
      wire.report(failure)
      return undefined
    })
  }
}

/** The server said that it will not go on: 204, or that there is nothing here. */
function isFinal (failure: Error | undefined): boolean {
  const { status = 500 } = failure instanceof MCP_CLIENT_HTTP_STATUS ? failure : {}
  return status < 500 && status !== 408
}
