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
