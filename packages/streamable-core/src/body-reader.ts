/** The body of a POST, from the socket to one buffer: bounded, and checked against its announced length. */
import { errorCodes } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'

export type BodyRead = (error: Error | null, bytes: Buffer | null) => void

/**
 * Reads `payload` to its end. Bodies mostly arrive in one chunk, which is handed on as it is: it may be part of a larger
 * buffer, so whoever wants to keep it copies it.
 *
 * @param limit most bytes a body may have
 * @param raw the request itself; where hooks put another stream in its place, its length says nothing
 */
export function readBody (payload: Readable, raw: IncomingMessage, limit: number, done: BodyRead): void {
  const announced = payload === raw ? Number(raw.headers['content-length']) : NaN
  if (announced > limit) return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(), null)
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
    if (length > limit) finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
    else if (first === null) first = bytes
    else (more ??= [first]).push(bytes)
  })
  payload.on('end', () => finish(null))
  payload.on('error', (error: Error) => finish(Object.assign(error, { statusCode: 400 })))
}
