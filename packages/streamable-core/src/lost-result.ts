/** What a client learns when the storage no longer holds the result of its request. */
import { hash } from 'node:crypto'
import { ErrorCode, errorResponse, type RequestId } from '@mcp/protocol'
import { formatEventId, messageFrame } from '@mcp/sse'

const LOST = 'The storage no longer holds the stream of this request; its result is lost'

const NAME = /^([0-9a-f]+-[0-9a-z]+-(?:n(-?\d{1,16})|s([A-Za-z0-9-]{1,48})|x((?:[0-9a-f]{2}){1,24})))-([0-9a-f]{8})$/

/** Position of an error that says that a result is lost. Clients of the SDK 1.x come back after an error, too: nothing follows this one. */
export const LOST_POSITION = Number.MAX_SAFE_INTEGER

/** An error for each request of the stream that waits. */
export function lostFrames (stream: string, requestIds: readonly RequestId[]): string {
  const id = formatEventId(stream, LOST_POSITION)
  return requestIds.map(requestId => messageFrame(JSON.stringify(errorResponse(requestId, ErrorCode.InternalError, LOST)), id)).join('')
}

/**
 * The name of a request's stream. It tells the request, so that a client that resumes learns that its result is lost, also where the
 * storage has forgotten the stream. The name of a batch, and of a request whose id is too long, is `unique` alone.
 */
export function nameStream (unique: string, session: string, requestIds: readonly RequestId[]): string {
  const [id, another] = requestIds
  if (id === undefined || another !== undefined) return unique
  const named = `${unique}-${encode(id)}`
  const name = `${named}-${tagOf(session, named)}`
  return NAME.test(name) ? name : unique
}

/** The request whose stream {@link nameStream} named so in this session; `undefined` for every other name. */
export function requestOf (session: string, stream: string): RequestId | undefined {
  const [, named = '', number, plain, hex, tag] = NAME.exec(stream) ?? []
  if (tag !== tagOf(session, named)) return undefined
  if (number !== undefined) return Number(number)
  return plain ?? Buffer.from(hex ?? '', 'hex').toString()
}

function encode (id: RequestId): string {
  if (typeof id === 'number') return `n${id}`
  return /^[A-Za-z0-9-]+$/.test(id) ? `s${id}` : `x${Buffer.from(id).toString('hex')}`
}

/** An event id of another session stays unknown in this one (C-25). */
function tagOf (session: string, named: string): string {
  return hash('sha256', `${session} ${named}`).slice(0, 8)
}
