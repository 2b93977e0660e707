import type { Socket } from 'node:net'

/**
 * Breaks a connection, so that its other end sees a reset. One whose end was sent already is closed instead: Node.js does not reset it, and
 * does not let go of it either, which keeps the process (`resetAndDestroy()` after `end()`: EINVAL).
 */
export function reset (socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
