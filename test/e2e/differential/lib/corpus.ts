/** The traffic all servers get: one request each, some in a session that was opened for it. */
import { MetaKey, type JsonObject } from '@mcp/protocol'

export type Fields = Readonly<Record<string, string>>

export interface Case {
  readonly name: string
  /** 1.x knows nothing of the modern era. */
  readonly era: 'legacy' | 'modern'
  readonly method: string
  /** Names and values in turn, as they are sent. */
  readonly fields: readonly string[]
  readonly body: string | null
  /** The revision of the session it is sent in; `ended`: one that was deleted before; `unknown`: an id nobody gave out. */
  readonly session: '2025-03-26' | '2025-11-25' | 'ended' | 'unknown' | null
  /** Whether the reply is a stream that does not end by itself: it is read up to its first event, or not at all. */
  readonly endless: 'first event' | 'head' | null
}

const MODERN = '2026-07-28'
const BOTH = 'application/json, text/event-stream'
const POST: Fields = { 'Content-Type': 'application/json', Accept: BOTH }

export const cases: Case[] = []

interface Parts {
  readonly method?: string
  readonly fields?: Fields
  readonly without?: readonly string[]
  readonly twice?: string
  readonly session?: Case['session']
  readonly endless?: Case['endless']
}

function add (era: Case['era'], name: string, body: unknown, fields: Fields, parts: Parts): void {
  if (cases.some(known => known.name === name)) throw new Error(`two cases are called ${name}`)
  const all = Object.entries({ ...fields, ...parts.fields }).filter(([field]) => parts.without?.includes(field) !== true)
  const repeated = all.filter(([field]) => field === parts.twice)
  const text = body === null || typeof body === 'string' ? body : JSON.stringify(body)
  const { method = 'POST', session = null, endless = null } = parts
  cases.push({ name, era, method, fields: [...all, ...repeated].flat(), body: text, session, endless })
}

function legacy (name: string, body: unknown, parts: Parts = {}): void {
  add('legacy', name, body, POST, { session: '2025-11-25', ...parts })
}

/** `meta` and `fields` replace parts of an envelope and of mirrored headers that are as they should be. */
function modern (name: string, message: JsonObject, parts: Parts & { meta?: JsonObject | null } = {}): void {
  const params = message.params as JsonObject | undefined ?? {}
  const meta = { [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {}, [MetaKey.ClientInfo]: { name: 'test', version: '1' }, ...parts.meta }
  const named: Fields = typeof params.name === 'string' ? { 'Mcp-Name': params.name } : {}
  const mirrored = { ...POST, 'MCP-Protocol-Version': MODERN, 'Mcp-Method': String(message.method), ...named }
  add('modern', name, parts.meta === null ? message : { ...message, params: { ...params, _meta: meta } }, mirrored, parts)
}

const call = (method: string, params?: JsonObject, id: unknown = 7): JsonObject => ({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })
const echo = call('tools/call', { name: 'echo', arguments: { text: 'hello' } })
const note = (method: string, params?: JsonObject): JsonObject => ({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })
const hello = (protocolVersion: string): JsonObject =>
  call('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } })

// Handshake
for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28', '1999-01-01']) {
  legacy(`initialize ${version}`, hello(version), { session: null })
}
legacy('initialize without params', call('initialize'), { session: null })
legacy('initialize in a session', hello('2025-11-25'))
legacy('initialize with an unknown session', hello('2025-11-25'), { session: 'unknown' })
legacy('initialize with a version header nobody knows', hello('2025-11-25'), { session: null, fields: { 'MCP-Protocol-Version': '1999-01-01' } })
legacy('initialized', note('notifications/initialized'))

// Calls in a session
legacy('ping', call('ping'))
legacy('ping with id 0', call('ping', undefined, 0))
legacy('ping with a string id', call('ping', undefined, '7'))
legacy('tools/list', call('tools/list'))
legacy('tools/call', echo)
legacy('tools/call in 2025-03-26', echo, { session: '2025-03-26' })
legacy('tools/call with progress', call('tools/call', { name: 'progress', arguments: {}, _meta: { progressToken: 'p' } }))
legacy('tools/call that fails', call('tools/call', { name: 'fail', arguments: {} }))
legacy('tools/call with bad arguments', call('tools/call', { name: 'echo', arguments: {} }))
legacy('unknown tool', call('tools/call', { name: 'nothing', arguments: {} }))
legacy('tools/call without params', call('tools/call'))
legacy('unknown method', call('no/such'))
legacy('logging/setLevel', call('logging/setLevel', { level: 'info' }))
legacy('logging/setLevel with a bad level', call('logging/setLevel', { level: 'loud' }))
legacy('unknown notification', note('notifications/nothing'))
legacy('cancelled for nothing', note('notifications/cancelled', { requestId: 99 }))
legacy('cancelled without an id', note('notifications/cancelled'))
legacy('response nobody waits for', { jsonrpc: '2.0', id: 99, result: {} })
legacy('error response nobody waits for', { jsonrpc: '2.0', id: 99, error: { code: 1, message: 'x' } })

// Sessions
legacy('call without a session', echo, { session: null })
legacy('call in an unknown session', echo, { session: 'unknown' })
legacy('call in an ended session', echo, { session: 'ended' })
legacy('notification without a session', note('notifications/initialized'), { session: null })
legacy('response without a session', { jsonrpc: '2.0', id: 99, result: {} }, { session: null })
legacy('session id twice', echo, { session: null, fields: { 'Mcp-Session-Id': 'a, b' } })
legacy('DELETE', null, { method: 'DELETE' })
legacy('DELETE without a session', null, { method: 'DELETE', session: null })
legacy('DELETE of an unknown session', null, { method: 'DELETE', session: 'unknown' })
legacy('DELETE of an ended session', null, { method: 'DELETE', session: 'ended' })
const sse = { method: 'GET', without: ['Content-Type'], fields: { Accept: 'text/event-stream' } }
legacy('GET', null, { ...sse, endless: 'head' })
legacy('GET that accepts both', null, { ...sse, fields: { Accept: BOTH }, endless: 'head' })
legacy('GET without Accept', null, { method: 'GET', without: ['Accept', 'Content-Type'], endless: 'head' })
legacy('GET that accepts JSON', null, { method: 'GET', without: ['Content-Type'], fields: { Accept: 'application/json' } })
legacy('GET without a session', null, { ...sse, session: null })
legacy('GET of an unknown session', null, { ...sse, session: 'unknown' })
legacy('GET from an unknown event', null, { ...sse, fields: { ...sse.fields, 'Last-Event-ID': 'nothing_1' }, endless: 'head' })
for (const method of ['PUT', 'PATCH', 'HEAD', 'OPTIONS']) legacy(method, null, { method })

// Version header
legacy('version header as negotiated', echo, { fields: { 'MCP-Protocol-Version': '2025-11-25' } })
legacy('version header of another legacy revision', echo, { fields: { 'MCP-Protocol-Version': '2025-06-18' } })
legacy('version header nobody knows', echo, { fields: { 'MCP-Protocol-Version': '1999-01-01' } })
legacy('version header on GET nobody knows', null, { ...sse, fields: { ...sse.fields, 'MCP-Protocol-Version': '1999-01-01' } })
legacy('empty version header', echo, { fields: { 'MCP-Protocol-Version': '' } })

// Negotiation and bodies
legacy('Accept missing', echo, { without: ['Accept'] })
legacy('Accept of anything', echo, { fields: { Accept: '*/*' } })
legacy('Accept of JSON', echo, { fields: { Accept: 'application/json' } })
legacy('Accept of streams', echo, { fields: { Accept: 'text/event-stream' } })
legacy('Accept of neither', echo, { fields: { Accept: 'text/html' } })
legacy('Content-Type missing', echo, { without: ['Content-Type'] })
legacy('Content-Type with charset', echo, { fields: { 'Content-Type': 'application/json; charset=utf-8' } })
legacy('Content-Type of text', echo, { fields: { 'Content-Type': 'text/plain' } })
legacy('Content-Type that only mentions JSON', echo, { fields: { 'Content-Type': 'text/plain; x=application/json' } })
legacy('Content-Encoding gzip', echo, { fields: { 'Content-Encoding': 'gzip' } })
legacy('empty body', '')
legacy('no JSON', '{')
legacy('invalid UTF-8', '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"\xff"}}')
legacy('nested deep', call('ping', { x: JSON.parse('['.repeat(100) + ']'.repeat(100)) as unknown }))
legacy('__proto__', '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"__proto__":{}}}')
legacy('larger than 4 MiB', call('ping', { x: 'x'.repeat(4 * 1024 * 1024) }))

// Messages
legacy('no message', { hello: 'world' })
legacy('a number', 5)
legacy('null', 'null')
legacy('jsonrpc 1.0', { ...call('ping'), jsonrpc: '1.0' })
legacy('jsonrpc missing', { id: 7, method: 'ping' })
legacy('id null', call('ping', undefined, null))
legacy('id fractional', call('ping', undefined, 1.5))
legacy('id an object', call('ping', undefined, {}))
legacy('params an array', { jsonrpc: '2.0', id: 7, method: 'ping', params: [] })
legacy('method a number', { jsonrpc: '2.0', id: 7, method: 5 })
legacy('method and result', { ...call('ping'), result: {} })

// Batches
legacy('batch', [call('ping', undefined, 1), call('ping', undefined, 2)], { session: '2025-03-26' })
legacy('batch of one', [call('ping')], { session: '2025-03-26' })
legacy('batch of notifications', [note('notifications/initialized'), note('notifications/nothing')], { session: '2025-03-26' })
legacy('empty batch', [], { session: '2025-03-26' })
legacy('batch with initialize', [hello('2025-03-26'), call('ping', undefined, 2)], { session: null })
legacy('batch with a broken element', [call('ping'), 5], { session: '2025-03-26' })
legacy('batch of 51', Array.from({ length: 51 }, (_, id) => call('ping', undefined, id)), { session: '2025-03-26' })
legacy('batch in 2025-11-25', [call('ping', undefined, 1), call('ping', undefined, 2)])

// Guard
legacy('Origin of another site', echo, { fields: { Origin: 'http://evil.example' } })
legacy('Origin null', echo, { fields: { Origin: 'null' } })
legacy('Host of another site', echo, { fields: { Host: 'evil.example' } })

// The modern era
modern('modern server/discover', call('server/discover'))
modern('modern tools/list', call('tools/list'))
modern('modern tools/call', echo)
modern('modern tools/call with progress', call('tools/call', { name: 'progress', arguments: {}, _meta: { progressToken: 'p' } }), { meta: { progressToken: 'p' } })
modern('modern tools/call that fails', call('tools/call', { name: 'fail', arguments: {} }))
modern('modern tools/call with bad arguments', call('tools/call', { name: 'echo', arguments: {} }))
modern('modern unknown tool', call('tools/call', { name: 'nothing', arguments: {} }))
modern('modern unknown method', call('no/such'))
for (const method of ['ping', 'logging/setLevel', 'resources/subscribe']) modern(`modern ${method}`, call(method, {}))
modern('modern initialize', hello('2026-07-28'))
modern('modern resources/read of nothing', call('resources/read', { uri: 'x:y' }), { fields: { 'Mcp-Name': 'x:y' } })
modern('modern notification', note('notifications/initialized'))
modern('modern cancelled', note('notifications/cancelled', { requestId: 7 }))
modern('modern listen', call('subscriptions/listen', { notifications: { toolsListChanged: true } }), { endless: 'first event' })
modern('modern listen without a filter', call('subscriptions/listen', {}))
modern('modern listen that accepts JSON', call('subscriptions/listen', { notifications: {} }), { fields: { Accept: 'application/json' } })
modern('modern in a session nobody knows', echo, { session: 'unknown' })
modern('modern with Last-Event-ID', echo, { fields: { 'Last-Event-ID': 'x_1' } })
modern('modern with id null', { ...echo, id: null })

// Its ladder
modern('version header missing', echo, { without: ['MCP-Protocol-Version'] })
modern('version header differs', echo, { fields: { 'MCP-Protocol-Version': '2025-11-25' } })
modern('version unknown', echo, { fields: { 'MCP-Protocol-Version': 'v999' }, meta: { [MetaKey.ProtocolVersion]: 'v999' } })
modern('version unknown and not in the header', echo, { meta: { [MetaKey.ProtocolVersion]: 'v999' } })
modern('version claimed is a legacy one', echo, { fields: { 'MCP-Protocol-Version': '2025-11-25' }, meta: { [MetaKey.ProtocolVersion]: '2025-11-25' } })
modern('version claimed is a number', echo, { meta: { [MetaKey.ProtocolVersion]: 5 } })
modern('envelope missing', echo, { meta: null })
modern('capabilities missing', echo, { meta: { [MetaKey.ClientCapabilities]: undefined } })
modern('capabilities a string', echo, { meta: { [MetaKey.ClientCapabilities]: 'x' } })
modern('client info a string', echo, { meta: { [MetaKey.ClientInfo]: 'x' } })
modern('log level nobody knows', echo, { meta: { [MetaKey.LogLevel]: 'loud' } })
modern('initialize with a modern header', hello('2026-07-28'), { meta: null })
modern('Mcp-Method missing', echo, { without: ['Mcp-Method'] })
modern('Mcp-Method differs', echo, { fields: { 'Mcp-Method': 'tools/list' } })
modern('Mcp-Method twice', echo, { twice: 'Mcp-Method' })
modern('Mcp-Name missing', echo, { without: ['Mcp-Name'] })
modern('Mcp-Name differs', echo, { fields: { 'Mcp-Name': 'fail' } })
modern('Mcp-Name in base64', echo, { fields: { 'Mcp-Name': '=?base64?ZWNobw==?=' } })
modern('Mcp-Name in broken base64', echo, { fields: { 'Mcp-Name': '=?base64?x?=' } })
modern('Mcp-Name with spaces around', echo, { fields: { 'Mcp-Name': '  echo ' } })
modern('name missing in the body', call('tools/call', { arguments: {} }), { fields: { 'Mcp-Name': 'echo' } })
modern('modern notification with another Mcp-Method', note('notifications/initialized'), { fields: { 'Mcp-Method': 'x' } })
modern('modern response', { jsonrpc: '2.0', id: 7, result: {} }, { meta: null, fields: { 'Mcp-Method': 'x' } })
add('modern', 'modern batch', [echo], { ...POST, 'MCP-Protocol-Version': MODERN }, {})
add('modern', 'modern GET', null, { Accept: 'text/event-stream', 'MCP-Protocol-Version': MODERN }, { method: 'GET' })
add('modern', 'modern DELETE', null, { Accept: BOTH, 'MCP-Protocol-Version': MODERN }, { method: 'DELETE' })
