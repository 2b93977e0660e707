/** One case, asked of one server; and what its reply comes down to. */
import { once } from 'node:events'
import http from 'node:http'
import { isObject, type JsonObject } from '@mcp/protocol'
import type { Case } from './corpus.ts'

/** What is compared, each as a few words. */
export const ASPECTS = ['status', 'form', 'answer', 'allow', 'session', 'cache'] as const
export type Aspect = typeof ASPECTS[number]
export type Reply = Readonly<Record<Aspect, string>>

/** For a machine with other work. */
const PATIENCE_MS = 60_000
/** How long the head of a stream is waited for that has nothing to say yet: some servers send it with the first event. */
const HEAD_MS = 8_000

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

async function request (port: number, method: string, fields: readonly string[], body: string | null, endless: Case['endless'] = null): Promise<Answer> {
  const bytes = body === null ? null : Buffer.from(body, body.includes('\xff') ? 'latin1' : 'utf8')
  const own = fields.some((name, index) => index % 2 === 0 && name === 'Host') ? [] : ['Host', `127.0.0.1:${port}`]
  const headers = [...own, ...fields, ...(bytes === null ? [] : ['Content-Length', String(bytes.length)])]
  const outgoing = http.request({ port, host: '127.0.0.1', path: '/mcp', method, headers, setHost: false, agent: false })
  outgoing.on('error', () => {})
  outgoing.end(bytes ?? undefined)
  let late = false
  let text = ''
  const impatient = AbortSignal.timeout(endless === null ? PATIENCE_MS : HEAD_MS)
  const responded = await once(outgoing, 'response', { signal: impatient }).catch(() => null) as [http.IncomingMessage] | null
  if (responded === null) {
    outgoing.destroy()
    return { status: 0, headers: {}, text: '' }
  }
  const [incoming] = responded
  const timer = setTimeout(() => { late = true; incoming.destroy() }, endless === null ? PATIENCE_MS : HEAD_MS)
  const streaming = incoming.headers['content-type']?.startsWith('text/event-stream') === true
  try {
    if (endless !== 'head' || !streaming) {
      for await (const chunk of incoming.setEncoding('utf8')) {
        text += String(chunk)
        if (endless === 'first event' && /^data: .+\n\n/m.test(text)) break
      }
    }
  } catch (error) {
    if (!late) throw error
    text += '\n(goes on)'
  }
  clearTimeout(timer)
  outgoing.destroy()
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text }
}

/** Sends a case in the session it wants. */
export async function ask (port: number, asked: Case): Promise<Reply> {
  const session = await sessionFields(port, asked.session)
  const answer = await request(port, asked.method, [...asked.fields, ...session], asked.body, asked.endless)
  const { status, headers, text } = answer
  const type = headers['content-type']?.split(';')[0] ?? 'none'
  const form = { 'application/json': 'JSON', 'text/event-stream': /^id: /m.test(text) ? 'stream with ids' : 'stream' }[type] ?? type
  return {
    status: status === 0 ? 'no reply' : String(status),
    form,
    answer: describeAll(messagesOf(form, text)) || (text === '' || form.startsWith('stream') ? 'nothing' : 'text'),
    allow: headers.allow ?? 'none',
    session: headers['mcp-session-id'] === undefined ? 'none' : 'given',
    cache: headers['cache-control'] ?? 'none'
  }
}

async function sessionFields (port: number, session: Case['session']): Promise<string[]> {
  if (session === null) return []
  if (session === 'unknown') return ['Mcp-Session-Id', '00000000-0000-4000-8000-000000000000']
  const version = session === 'ended' ? '2025-11-25' : session
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  const fields = ['Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream']
  const { headers } = await request(port, 'POST', fields, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }))
  const id = headers['mcp-session-id']
  if (typeof id !== 'string') throw new Error('no session was opened')
  const own = ['Mcp-Session-Id', id]
  if (session === 'ended') await request(port, 'DELETE', own, null)
  else await request(port, 'POST', [...fields, ...own], JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }))
  return own
}

function messagesOf (form: string, text: string): JsonObject[] {
  const json = form === 'JSON' && text !== '' ? [text] : form.startsWith('stream') ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => data) : []
  return json.flatMap(json => [JSON.parse(json) as unknown].flat()).filter(value => isObject(value))
}

/** Longer results are told by their members: what differs in them is the server's, not the transport's. */
const SHOWN_CHARACTERS = 90
/** A reply with more messages is told by their number. */
const SHOWN_MESSAGES = 3
/** Errors whose data the protocol defines; elsewhere it is words. */
const DEFINED_DATA = [-32021, -32022]

function describeAll (messages: readonly JsonObject[]): string {
  return messages.length > SHOWN_MESSAGES ? `${messages.length} messages` : messages.map(describe).join(', ')
}

/** Words of errors are everybody's own; codes, ids and data are the protocol's. */
function describe (message: JsonObject): string {
  const id = 'id' in message ? `id ${JSON.stringify(message.id)}` : 'no id'
  if (isObject(message.error)) {
    const { code, data } = message.error
    if (data === undefined) return `${String(code)} ${id}`
    const told = DEFINED_DATA.includes(Number(code)) ? JSON.stringify(sorted(data)) : `of ${isObject(data) ? Object.keys(data).join() : typeof data}`
    return `${String(code)} ${id}, data ${told}`
  }
  if (!('result' in message)) return String(message.method)
  const { result } = message
  if (!isObject(result) || result.isError === true) return `tool error ${id}`
  const json = JSON.stringify(sorted(result))
  return `result ${json.length > SHOWN_CHARACTERS ? `of ${Object.keys(result).sort().join(', ')}, ${json.length} characters,` : json} ${id}`
}

function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]))
}
