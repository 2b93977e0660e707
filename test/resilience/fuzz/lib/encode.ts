/** A request as bytes, with everything in it that was still a symbol. */
import { marked } from './marks.ts'
import type { FuzzRequest } from './requests.ts'
import type { Sent } from './connection.ts'

/** What the symbols of a request stand for. */
export interface Meaning {
  readonly mark: string
  readonly sessionId: string | null
  /** Of the session's HTTP+SSE stream. */
  readonly sseId: string | null
  readonly key: string | null
}

export interface Encoded extends Sent {
  readonly request: FuzzRequest
  readonly meaning: Meaning
  readonly fields: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
  /** Whether the connection must be good for more afterwards. */
  readonly tame: boolean
}

/** More than this Node does not take of all header fields together: 431, and the connection ends. */
const MOST_HEADER_BYTES = 16 * 1024

export function encode (request: FuzzRequest, meaning: Meaning): Encoded {
  const { method, chunks } = request
  const { mark, sessionId, sseId, key } = meaning
  const body = bodyOf(request, mark)
  const path = request.path === '/messages' ? `/messages?sessionId=${sseId ?? 'nobody'}` : marked(request.path, mark)
  const fields: Array<readonly [string, string]> = request.fields.map(([name, value]) => [name, plain(marked(value, mark))])
  if (!fields.some(([name]) => name === 'Host')) fields.unshift(['Host', '127.0.0.1'])
  if (sessionId !== null && request.path !== '/messages') fields.push(['Mcp-Session-Id', sessionId])
  if (key !== null) fields.push(['Authorization', `Bearer ${key}`])
  if (request.body !== null) fields.push(chunks === null ? ['Content-Length', String(body.length)] : ['Transfer-Encoding', 'chunked'])
  const head = `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), chunks === null || request.body === null ? body : chunked(body, chunks)])
  const endless = method === 'GET' || body.includes('subscriptions/listen')
  const tame = request.tame && head.length < MOST_HEADER_BYTES - 200
  return { method, bytes, endless, request, meaning, fields, body, tame }
}

function bodyOf ({ body }: FuzzRequest, mark: string): Buffer {
  if (body === null) return Buffer.alloc(0)
  return 'hex' in body ? Buffer.from(body.hex, 'hex') : Buffer.from(marked(body.text, mark))
}

function chunked (body: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = []
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = at === 0 || turn < sizes.length ? sizes[turn % sizes.length] ?? body.length : body.length
    const part = body.subarray(at, at + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
    at += part.length
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** What may stand in a field's value; the rest would be a broken packet, and those have a list of their own. */
function plain (value: string): string {
  return value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')
}
