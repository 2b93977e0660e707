/** When nobody hears a reply any more. */
import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'

/** Replies that wait behind another one of their connection (pipelining). */
const queued = new WeakMap<Socket, Set<() => void>>()

/**
 * Calls `listener` once, when the reply is complete or its connection lost. Node.js 20 does not tell a reply of the latter that
 * has not got its turn on the connection, so then the socket does.
 */
export function whenOver (reply: FastifyReply, listener: () => void): void {
  if (reply.raw.socket === null) whenQueuedOver(reply, reply.request.raw.socket, listener)
  else reply.raw.once('close', listener)
}

/**
 * Whether the peer is gone or has the whole reply: nothing written from now on arrives. Node.js tells it of HTTP/1 replies only, so
 * for HTTP/2 the stream of the reply answers.
 */
export function replyClosed (reply: FastifyReply): boolean {
  const { raw } = reply
  if (raw.closed) return true
  return 'stream' in raw && isStream(raw.stream) && (raw.stream.destroyed || raw.stream.closed)
}

function isStream (value: unknown): value is { readonly destroyed: boolean, readonly closed: boolean } {
  return typeof value === 'object' && value !== null && 'destroyed' in value && 'closed' in value
}

/** One listener for each connection, however many requests it pipelines. */
function whenQueuedOver (reply: FastifyReply, socket: Socket, listener: () => void): void {
  let waiting = queued.get(socket)
  if (waiting === undefined) {
    const all = waiting = new Set()
    queued.set(socket, all)
    socket.once('close', () => { for (const tell of all) tell() })
  }
  const listeners = waiting
  const once = (): void => {
    if (listeners.delete(once)) listener()
  }
  listeners.add(once)
  reply.raw.once('close', once)
}
