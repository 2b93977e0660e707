/** What Node cannot parse, before Fastify answers it. */
import type { Socket } from 'node:net'

/**
 * Goes ahead of the server's own listener for `clientError`, which writes 400 to the socket and closes it. What could not be parsed is
 * part of the error, credentials included, and would be logged at `trace`: handlers can still read it, what lists the properties of an
 * error does not find it.
 */
export function beforeClientError (error: Error, socket: Socket): void {
  if ('rawPacket' in error) Object.defineProperty(error, 'rawPacket', { enumerable: false })
  if (owesAnother(socket)) socket.destroy()
}

/**
 * Whether the reply to an earlier request is under way, or still to come: a 400 would be read as that reply, or stand in the middle of
 * it. One whose own body could not be parsed is answered 400. Node keeps the reply in a property without a promise; where it is gone,
 * 400 is written.
 */
function owesAnother (socket: Socket): boolean {
  const reply: unknown = Reflect.get(socket, '_httpMessage')
  if (typeof reply !== 'object' || reply === null) return false
  const request: unknown = Reflect.get(reply, 'req')
  const received = typeof request === 'object' && request !== null && Reflect.get(request, 'complete') === true
  return received || Reflect.get(reply, 'headersSent') === true
}
