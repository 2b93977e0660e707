/** The body of a POST, from the socket to one buffer: bounded, and checked against its announced length. */
import { errorCodes } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

export type BodyRead = (error: Error | null, bytes: Buffer | null) => void

/**
 * Of a body that is too large so much is read on and thrown away, for so long, before it is refused. The connection ends then, and a client
 * that still writes would be told of a reset instead of the answer (RFC 9112, section 9.6).
 */
const MOST_DISCARDED = 8 * 1024 * 1024
const DISCARD_MS = 1_000

/**
 * Reads `payload` to its end. Bodies mostly arrive in one chunk, which is handed on as it is: it may be part of a larger
 * buffer, so whoever wants to keep it copies it.
 *
 * @param limit most bytes a body may have
 * @param raw the request itself; where hooks put another stream in its place, its length says nothing
 */
export function readBody (payload: Readable, raw: IncomingMessage, limit: number, done: BodyRead): void {
  const announced = payload === raw ? Number(raw.headers['content-length']) : NaN
  const tooLarge = (): void => done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(), null)
  if (announced > limit) return announced > limit + MOST_DISCARDED ? tooLarge() : discard(payload, 0, tooLarge)
  let first: Buffer | null = null
  let more: Buffer[] | null = null
  let length = 0
  let over = false

  const finish = (error: Error | null): void => {
    if (over) return
    over = true
    if (error !== null) return done(error, null)
    if (!Number.isNaN(announced) && length !== announced) return done(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH(), null)
    done(null, more === null ? first ?? Buffer.alloc(0) : Buffer.concat(more, length))
  }
  payload.on('data', (chunk: Buffer | string) => {
    if (over) return
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    length += bytes.length
    if (length > limit) {
      over = true
      first = more = null
      discard(payload, length - limit, tooLarge)
    } else if (first === null) first = bytes
    else (more ??= [first]).push(bytes)
  })
  payload.on('end', () => finish(null))
  payload.on('error', (error: Error) => finish(Object.assign(error, { statusCode: 400 })))
}

/** Throws away what comes, `begun` bytes of it already, until the end or enough; then calls `done`, once. */
function discard (payload: Readable, begun: number, done: () => void): void {
  let discarded = begun
  let over = false
  const finish = (): void => {
    if (over) return
    over = true
    clearTimeout(timer)
    done()
  }
  const timer = setTimeout(finish, DISCARD_MS)
  payload.on('data', (chunk: Buffer | string) => {
    discarded += chunk.length
    if (discarded > MOST_DISCARDED) finish()
  })
  payload.on('end', finish).on('error', finish)
}
