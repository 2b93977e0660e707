/** Sessions of every revision over plain sockets, and calls that are timed. */
import { MetaKey, type JsonObject } from '@mcp/protocol'
import { Connection, type Sent } from '../../fuzz/lib/connection.ts'
import type { Reply } from '../../fuzz/lib/replies.ts'

export const LEGACY = ['2025-03-26', '2025-06-18', '2025-11-25'] as const
const MODERN = '2026-07-28'

type Field = readonly [string, string]

const HOST: Field = ['Host', '127.0.0.1']
const ACCEPT: Field = ['Accept', 'application/json, text/event-stream']

function encoded (method: string, fields: readonly Field[], message?: JsonObject): Sent {
  const body = message === undefined ? '' : JSON.stringify(message)
  const length: Field[] = message === undefined ? [] : [['Content-Type', 'application/json'], ['Content-Length', String(Buffer.byteLength(body))]]
  const head = [HOST, ACCEPT, ...fields, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return { method, bytes: Buffer.from(`${method} /mcp HTTP/1.1\r\n${head}\r\n${body}`), endless: method === 'GET' }
}

async function asked (connection: Connection, request: Sent): Promise<Reply> {
  const { replies: [reply] } = await connection.send([request])
  if (reply === undefined) throw new Error('the connection was closed instead of an answer')
  return reply
}

/** A session whose GET stream is open. */
export class LoadSession {
  readonly revision: string
  readonly fields: readonly Field[]
  readonly #stream: Connection
  /** Messages that came on the stream. */
  received = 0

  private constructor (revision: string, fields: readonly Field[], stream: Connection) {
    this.revision = revision
    this.fields = fields
    this.#stream = stream
    stream.onChunk = chunk => { this.received += occurrences(chunk, 'list_changed') }
  }

  /** @throws with what was refused */
  static async open (port: number, revision: string): Promise<LoadSession> {
    const connection = await Connection.open(port)
    const params = { protocolVersion: revision, capabilities: {}, clientInfo: { name: 'load', version: '1' } }
    const { status, headers } = await asked(connection, encoded('POST', [], { jsonrpc: '2.0', id: 0, method: 'initialize', params }))
    const id = headers.get('mcp-session-id')
    if (status !== 200 || id === undefined) throw new Error(`initialize was answered ${status}`)
    const fields: Field[] = [['Mcp-Session-Id', id], ...(revision < '2025-06-18' ? [] : [['MCP-Protocol-Version', revision] as const])]
    const noted = await asked(connection, encoded('POST', fields, { jsonrpc: '2.0', method: 'notifications/initialized' }))
    if (noted.status !== 202) throw new Error(`initialized was answered ${noted.status}`)
    const { replies: [reply], streaming } = await connection.send([encoded('GET', fields)])
    if (!streaming) throw new Error(`GET was answered ${reply?.status}`)
    return new LoadSession(revision, fields, connection)
  }

  get lost (): boolean {
    return !this.#stream.streaming
  }

  async end (connection: Connection): Promise<void> {
    const { status } = await asked(connection, encoded('DELETE', this.fields))
    if (status !== 204) throw new Error(`DELETE was answered ${status}`)
    this.#stream.destroy()
  }
}

/** A call in a session, or of the modern era where there is none. @throws when the answer is not the one to it */
export async function echo (connection: Connection, session: LoadSession | null, text: string): Promise<void> {
  const reply = await asked(connection, call(session, 'echo', { text }))
  if (reply.status !== 200 || !reply.body.includes(`"text":"${text}"`)) throw new Error(`echo was answered ${reply.status}: ${reply.body.toString()}`)
}

/** A call that is answered with `count` notifications first. @throws unless each came once and in order, and the answer last */
export async function burst (connection: Connection, session: LoadSession | null, count: number, text: string): Promise<void> {
  const reply = await asked(connection, call(session, 'burst', { count, text }))
  const seen = [...reply.body.toString('latin1').matchAll(/"progress":(\d+)/g)].map(([, progress]) => Number(progress))
  const whole = seen.length === count && seen.every((progress, index) => progress === index + 1)
  if (reply.status !== 200 || !whole || !reply.body.includes(`"text":"${text}"`)) throw new Error(`a burst of ${count} was answered ${reply.status} with ${seen.length}`)
}

function call (session: LoadSession | null, name: string, input: JsonObject): Sent {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call' }
  if (session !== null) return encoded('POST', session.fields, { ...message, params: { name, arguments: input } })
  const _meta = { [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {} }
  const mirrored: Field[] = [['MCP-Protocol-Version', MODERN], ['Mcp-Method', 'tools/call'], ['Mcp-Name', name]]
  return encoded('POST', mirrored, { ...message, params: { name, arguments: input, _meta } })
}

function occurrences (chunk: Buffer, word: string): number {
  let count = 0
  for (let at = chunk.indexOf(word); at !== -1; at = chunk.indexOf(word, at + 1)) count++
  return count
}
