/** Requests no HTTP library would send, and messages in both eras. */
import { MetaKey, type JsonObject } from '@mcp/protocol'
import { once } from 'node:events'
import http from 'node:http'
import type { Test } from 'tap'
import { rawConnection, type RawConnection } from '../../../../packages/streamable-core/test/helper.ts'

export type Fields = Readonly<Record<string, string>>

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export function bearer (token: string): Fields {
  return { authorization: `Bearer ${token}` }
}

/** Names and values in turn, as they go over the wire. A list is as it should be already, and may name a field twice. */
export function flat (headers: Fields | readonly string[]): string[] {
  return Array.isArray(headers) ? [...headers] : Object.entries(headers).flat()
}

/** Where a refusal is missing there may be a stream without end instead. */
const PATIENCE_MS = 30_000

/** One request with exactly these fields; `Host`, `Content-Length` and `Connection` are added where they are missing. */
export async function request (port: number, method: string, path: string, headers: readonly string[], body: string): Promise<Reply> {
  const names = new Set(headers.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase()))
  const fields = [...headers, 'Connection', 'close']
  if (!names.has('host')) fields.unshift('Host', `127.0.0.1:${port}`)
  if (body !== '' && !names.has('content-length') && !names.has('transfer-encoding')) fields.push('Content-Length', String(Buffer.byteLength(body)))
  const outgoing = http.request({ port, host: '127.0.0.1', method, path, headers: fields, setHost: false, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response') as [http.IncomingMessage]
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += String(chunk)
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text }
}

/** A socket, for bytes as they are. */
export function raw (t: Test, port: number, bytes: string): Promise<RawConnection> {
  return rawConnection(t, port, Buffer.from(bytes, 'latin1'))
}

/** The status codes of all replies on one connection. */
export function statusesIn (text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

export function call (method: string, params: JsonObject = {}, id: string | number = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

export function toolCall (name: string, id: string | number = 1, args: JsonObject = {}): JsonObject {
  return call('tools/call', { name, arguments: args }, id)
}

/** Body and header fields of a request in the modern era. */
export function modern (method: string, params: JsonObject = {}, mirrored: Fields = {}): [JsonObject, Fields] {
  const _meta = { [MetaKey.ProtocolVersion]: '2026-07-28', [MetaKey.ClientCapabilities]: {} }
  const name = params.name ?? params.uri
  const fields = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}), ...mirrored }
  return [call(method, { ...params, _meta }), fields]
}

export interface EventReader {
  readonly response: Response
  /** Everything received once it matches, or once the stream has ended. */
  readonly until: (matches: (text: string) => boolean) => Promise<string>
  readonly rest: () => Promise<string>
  readonly close: () => void
}

/** A stream read as plain text, so that nothing of it is interpreted. */
export async function openStream (t: Test, url: string, headers: Fields, body?: JsonObject): Promise<EventReader> {
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const both = { accept: 'application/json, text/event-stream', ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...both, ...headers },
    signal: abort.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until: EventReader['until'] = async matches => {
    while (!matches(text)) {
      const read = await reader?.read().catch(() => undefined)
      if (read === undefined || read.done) break
      text += read.value
    }
    return text
  }
  return { response, until, rest: () => until(() => false), close: () => abort.abort() }
}
