/** What clients do to a server before they are gone. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@mcp/protocol'
import { GONE_MS } from './limits.ts'

type Fields = Record<string, string>
type Life = (url: string) => Promise<unknown>

const LEGACY = '2025-11-25'
const MODERN = '2026-07-28'
const FIELDS: Fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

function message (method: string, params: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', id: 1, method, params }
}

function tool (name: string, args: JsonObject = {}): JsonObject {
  return message('tools/call', { name, arguments: args })
}

async function post (url: string, body: JsonObject, fields: Fields = {}): Promise<Response> {
  const response = await fetch(url, { method: 'POST', headers: { ...FIELDS, ...fields }, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${String(body.method)} was answered ${response.status}: ${await response.text()}`)
  return response
}

async function done (reply: Promise<Response>): Promise<string> {
  return (await reply).text()
}

async function opened (url: string): Promise<Fields> {
  const response = await post(url, message('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'soak', version: '1' } }))
  await response.text()
  const session = { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': LEGACY }
  await done(post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session))
  return session
}

async function used (url: string): Promise<Fields> {
  const session = await opened(url)
  for (let call = 0; call < 3; call++) await done(post(url, tool('echo', { text: 'hello' }), session))
  await done(post(url, tool('steps'), session))
  return session
}

/** The only one that says goodbye. */
const tidy: Life = async url => {
  const session = await used(url)
  await done(fetch(url, { method: 'DELETE', headers: session }))
}

const abandoned: Life = used

const streamClosed: Life = async url => {
  const session = await used(url)
  const gone = new AbortController()
  const stream = await fetch(url, { headers: { ...session, accept: 'text/event-stream' }, signal: gone.signal })
  await stream.body?.getReader().read()
  gone.abort()
}

const resumed: Life = async url => {
  const session = await opened(url)
  const gone = new AbortController()
  const init = { method: 'POST', headers: { ...FIELDS, ...session }, body: JSON.stringify(tool('steps')), signal: gone.signal }
  const reader = (await fetch(url, init)).body?.getReader()
  const first = new TextDecoder().decode((await reader?.read())?.value)
  gone.abort()
  const id = /^id: (\S+)$/m.exec(first)?.[1] ?? ''
  await done(fetch(url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': id } }))
}

/** Breaks off calls that run, which the server learns from the connection alone. */
const hungUp: Life = async url => {
  const session = await opened(url)
  await Promise.all(['hang', 'steps', 'flood', 'large'].map(async name => {
    const gone = new AbortController()
    const init = { method: 'POST', headers: { ...FIELDS, ...session }, body: JSON.stringify(tool(name)), signal: gone.signal }
    await (await fetch(url, init)).body?.getReader().read()
    gone.abort()
  }))
}

const large: Life = async url => {
  const session = await opened(url)
  const text = await done(post(url, tool('large'), session))
  if (!text.includes('"result"')) throw new Error(`the result is missing among ${text.length} characters`)
  await done(fetch(url, { method: 'DELETE', headers: session }))
}

/** The tool sends without waiting: its result must come all the same. */
const burst: Life = async url => {
  const session = await opened(url)
  const text = await done(post(url, tool('burst'), session))
  if (!text.includes('"result"')) throw new Error(`the result is missing among ${text.length} characters`)
}

/** The connection stays, and nobody reads: no FIN, no RST. */
const halfOpenStream: Life = async url => {
  const session = await opened(url)
  vanish(url, `GET ${new URL(url).pathname} HTTP/1.1`, { ...session, accept: 'text/event-stream' }, '')
}

const halfOpenFlood: Life = async url => vanishAfter(url, tool('flood'))
const halfOpenHang: Life = async url => vanishAfter(url, tool('hang'))

const listen: Life = async url => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'soak', version: '1' }
  }
  const body = message('subscriptions/listen', { notifications: { toolsListChanged: true }, _meta })
  const gone = new AbortController()
  const headers = { ...FIELDS, 'mcp-protocol-version': MODERN, 'mcp-method': 'subscriptions/listen' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: gone.signal })
  await response.body?.getReader().read()
  await sleep(100)
  gone.abort()
}

async function vanishAfter (url: string, body: JsonObject): Promise<void> {
  const session = await opened(url)
  vanish(url, `POST ${new URL(url).pathname} HTTP/1.1`, { ...FIELDS, ...session }, JSON.stringify(body))
}

const vanished = new Set<Socket>()

function vanish (url: string, line: string, fields: Fields, body: string): void {
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const head = { host, ...fields, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }
  socket.pause()
  socket.write(`${line}\r\n${Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`)
  socket.on('error', () => {})
  vanished.add(socket)
  // By then the server must have given it up by itself: this one is only to keep our own house clean.
  const timer = setTimeout(() => {
    vanished.delete(socket)
    socket.destroy()
  }, 2 * GONE_MS)
  timer.unref()
}

/** The sockets that look open, for their owner to drop when all was measured. */
export function dropVanished (): void {
  for (const socket of vanished) socket.destroy()
  vanished.clear()
}

export const LIVES: Readonly<Record<string, Life>> = {
  tidy, abandoned, streamClosed, resumed, hungUp, large, burst, halfOpenStream, halfOpenFlood, halfOpenHang, listen
}
