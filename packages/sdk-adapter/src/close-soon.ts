import type { SdkServer } from './sdk-server.ts'
import type { ServerTransport } from './server-transport.ts'

const closing: Array<() => unknown> = []

/**
 * Closes a server once the current turn is over. Closing aborts what the SDK takes to be running, and a handler whose
 * answer is just being sent still counts as that: it would see its signal fire although it succeeded. `close` must not
 * reject.
 */
export function closeSoon (close: () => Promise<void>): void {
  if (closing.push(close) === 1) setImmediate(drain)
}

function drain (): void {
  for (const close of closing.splice(0)) close()
}

/** Closes a server and its transport, whatever state either is in; what goes wrong in user code is reported. */
export async function closeServer (
  server: SdkServer | undefined, transport: ServerTransport, onError: (error: unknown) => void
): Promise<void> {
  try {
    if (server !== undefined && !transport.busy && !isWatched(server)) transport.closesUnseen = true
    await server?.close()
  } catch (error) {
    onError(error)
  }
  // A server that never connected, or failed to close, does not pass it on.
  if (transport.closed) return
  try {
    await transport.close()
  } catch (error) {
    onError(error)
  }
}

/** Whether code of the user's runs when the server closes. */
function isWatched (server: SdkServer): boolean {
  const inner: unknown = Reflect.get(server, 'server')
  return Reflect.get(typeof inner === 'object' && inner !== null ? inner : server, 'onclose') !== undefined
}
