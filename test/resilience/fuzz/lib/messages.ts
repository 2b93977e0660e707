/** JSON-RPC messages as clients, broken clients and attackers make them. `@@` becomes the mark of the request. */
import { encodeFieldValue, MetaKey, mirroredName, REVISIONS, type JsonObject } from '@mcp/protocol'
import fc from 'fast-check'
import { STRINGS } from './hostile.ts'
import { TOOL_NAMES } from './application.ts'

const MODERN = '2026-07-28'

export const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('@@', 'text of @@', 'x') },
  { weight: 2, arbitrary: fc.constantFrom(...STRINGS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) })

const json = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(null, true, 0, -0, 1.5, '', [], {}, [[]], 2 ** 53, -1, 1e300) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })

const id = fc.oneof(
  { weight: 14, arbitrary: fc.constant<unknown>('@@') },
  { weight: 4, arbitrary: fc.integer() as fc.Arbitrary<unknown> },
  { weight: 1, arbitrary: json })

const progressToken = fc.record({ progressToken: fc.oneof(fc.constant('p @@'), fc.integer(), json) })
const toolCall = fc.record<JsonObject>({
  name: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...TOOL_NAMES, 'echo', 'echo', 'echo') as fc.Arbitrary<unknown> }, text, json),
  arguments: fc.oneof(
    { weight: 8, arbitrary: fc.record({ text }) as fc.Arbitrary<unknown> },
    fc.dictionary(text, json, { maxKeys: 4 }),
    json),
  _meta: progressToken
}, { requiredKeys: ['name', 'arguments'] })

const clientInfo = fc.constant({ name: 'client of @@', version: '1' })
const version = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...REVISIONS) as fc.Arbitrary<unknown> }, fc.constantFrom<unknown>('v999', '1999-01-01', '', 5, null), text)
const handshake = fc.record<JsonObject>({
  protocolVersion: version,
  capabilities: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>({ elicitation: {} }) }, json),
  clientInfo: fc.oneof({ weight: 5, arbitrary: clientInfo as fc.Arbitrary<unknown> }, json)
}, { requiredKeys: ['protocolVersion'] })

const cursor = fc.record<JsonObject>({ cursor: fc.oneof(text, json) }, { requiredKeys: [] })
const uri = fc.record<JsonObject>({ uri: fc.oneof(text as fc.Arbitrary<unknown>, json) }, { requiredKeys: [] })
const filter = fc.record<JsonObject>({
  notifications: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>({ toolsListChanged: true }) }, fc.constant({ resourceSubscriptions: ['x', '@@'] }), json)
}, { requiredKeys: [] })

/** Method and params that belong together, more often than not. */
const asked = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constant('tools/call'), toolCall) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('initialize'), handshake) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('tools/list', 'resources/list', 'prompts/list'), cursor) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('ping', 'server/discover', 'logging/setLevel'), fc.constant({})) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('resources/read', 'resources/subscribe', 'prompts/get'), uri) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('subscriptions/listen'), filter) },
  { weight: 1, arbitrary: fc.tuple(text, fc.dictionary(text, json, { maxKeys: 3 })) })

const notice = fc.oneof(
  fc.tuple(fc.constant('notifications/initialized'), fc.constant({})),
  fc.tuple(fc.constant('notifications/cancelled'), fc.record<JsonObject>({ requestId: fc.oneof(id, text), reason: json }, { requiredKeys: [] })),
  fc.tuple(fc.constantFrom('notifications/progress', 'notifications/roots/list_changed', '@@'), fc.dictionary(text, json, { maxKeys: 2 })))

const reply = fc.oneof(
  fc.record({ jsonrpc: fc.constant('2.0'), id: fc.oneof(id, text), result: fc.constant({ action: 'accept' }) }),
  fc.record({ jsonrpc: fc.constant('2.0'), id, error: fc.record({ code: fc.oneof(fc.integer(), json), message: fc.oneof(text, json) }) }))

/** Parts of a message that are replaced by what does not belong there. */
const damage = fc.oneof(
  { weight: 12, arbitrary: fc.constant<JsonObject>({}) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'result', 'error'), json, { maxKeys: 2 }) })

export const legacyMessage: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(id, asked, damage).map(([id, [method, params], damage]) => ({ jsonrpc: '2.0', id, method, params, ...damage })) },
  { weight: 2, arbitrary: fc.tuple(notice, damage).map(([[method, params], damage]) => ({ jsonrpc: '2.0', method, params, ...damage })) },
  { weight: 1, arbitrary: fc.tuple(reply, damage).map(([reply, damage]) => ({ ...reply, ...damage })) })

const meta = fc.oneof(
  { weight: 8, arbitrary: fc.constant<JsonObject>({ [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {} }) },
  { weight: 1, arbitrary: fc.constant<JsonObject>({ [MetaKey.ProtocolVersion]: MODERN, [MetaKey.ClientCapabilities]: {}, [MetaKey.LogLevel]: 'info' }) },
  {
    weight: 2,
    arbitrary: fc.record<JsonObject>({
      [MetaKey.ProtocolVersion]: version, [MetaKey.ClientCapabilities]: json, [MetaKey.ClientInfo]: json, [MetaKey.LogLevel]: json
    }, { requiredKeys: [] })
  })

export interface ModernMessage {
  readonly message: JsonObject
  /** The header fields that mirror it. */
  readonly mirrored: ReadonlyArray<readonly [string, string]>
}

export const modernMessage: fc.Arbitrary<ModernMessage> = fc.tuple(id, asked, meta, damage).map(([id, [method, params], _meta, damage]) => {
  const member = mirroredName(method)
  const name = member === undefined ? undefined : (params as JsonObject)[member]
  const named = typeof name === 'string' ? [['Mcp-Name', encodeFieldValue(name)] as const] : []
  const message = { jsonrpc: '2.0', id, method, params: { ...params, _meta }, ...damage }
  return { message, mirrored: [['MCP-Protocol-Version', MODERN], ['Mcp-Method', method], ...named] }
})
