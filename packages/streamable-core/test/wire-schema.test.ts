import { REVISIONS, type JsonObject, type Revision } from '@mcp/protocol'
import type { SpecTypeName } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import { answering, call, initializeRequest, MODERN, modern, readEvents, startApp, type Fields, type WireMessage } from './helper.ts'
import { published, publishedFaults, sdkFaults } from './wire-schemas.ts'

const LEGACIES = REVISIONS.filter(revision => revision !== MODERN)
/** From here on, the schemas know errors without id. */
const ID_OPTIONAL = LEGACIES.filter(revision => revision >= '2025-11-25')

t.comment(`wire messages are checked against the schemas of the SDK${published ? ' and the published ones of every revision' : ' alone'}`)

async function fits (t: Test, revisions: readonly Revision[], sdk: SpecTypeName, names: readonly string[], value: unknown): Promise<void> {
  t.strictSame(await sdkFaults(sdk, value), [], `SDK ${sdk}: ${JSON.stringify(value)}`)
  if (!published) return
  for (const revision of revisions) {
    for (const name of names) t.strictSame(publishedFaults(revision, name, value), [], `${revision} ${name}: ${JSON.stringify(value)}`)
  }
}

/** What the schemas of the two eras call an error. */
function errorName (revision: Revision): string {
  return revision >= '2025-11-25' ? 'JSONRPCErrorResponse' : 'JSONRPCError'
}

async function errorFits (t: Test, revisions: readonly Revision[], message: WireMessage, special?: string): Promise<void> {
  t.type(message.error, 'object', JSON.stringify(message))
  const known = 'id' in message ? revisions : revisions.filter(revision => revision === MODERN || ID_OPTIONAL.includes(revision))
  for (const revision of known) await fits(t, [revision], 'JSONRPCErrorResponse', [errorName(revision)], message)
  if (special === undefined || !published) return
  // The codes of JSON-RPC are described as error objects, those of MCP as whole responses.
  const described = Number(message.error?.code) < -32100 ? message.error : message
  t.strictSame(publishedFaults(MODERN, special, described), [], special)
}

if (!published) t.test('the published JSON Schemas of the specification', { skip: 'they do not lie beside this checkout' }, async () => {})

t.test('A-8, A-9, A-7, A-1: errors of the endpoint itself fit the schemas', async t => {
  const { rpc, initialize } = await startApp(t, { limits: { bodyBytes: 10_000 } })
  const session = await initialize()
  const ping = call('ping')
  const [discover, good] = modern('server/discover')
  const unclaimed = call('tools/list', { _meta: {} })
  const unknown = { _meta: { 'io.modelcontextprotocol/protocolVersion': 'v999' } }
  const rows: ReadonlyArray<readonly [unknown, Fields, string?]> = [
    ['{', {}, 'ParseError'], ['[]', {}, 'InvalidRequestError'], [{}, {}, 'InvalidRequestError'], [{ ...ping, jsonrpc: '1.0' }, session, 'InvalidRequestError'],
    [ping, {}], [ping, { 'mcp-session-id': 'unknown' }], [ping, { ...session, 'mcp-protocol-version': '1999-01-01' }],
    [ping, { accept: 'text/html' }], [ping, { 'content-type': 'text/plain' }], [ping, { 'content-encoding': 'gzip' }],
    [ping, { origin: 'https://evil.example' }], ['x'.repeat(10_001), {}], [initializeRequest(), session], [[ping], session],
    [discover, { ...good, 'mcp-method': 'other' }, 'HeaderMismatchError'], [discover, { 'mcp-method': 'server/discover' }, 'HeaderMismatchError'],
    [initializeRequest(), { 'mcp-protocol-version': MODERN }, 'HeaderMismatchError'],
    [unclaimed, good, 'InvalidParamsError'], modernRow('ping', {}, 'MethodNotFoundError'),
    [...modern('server/discover', unknown, { 'mcp-protocol-version': 'v999' }), 'UnsupportedProtocolVersionError'],
    modernRow('subscriptions/listen', {}, 'InvalidParamsError')
  ]
  for (const [body, headers, special] of rows) await errorFits(t, REVISIONS, (await rpc(body, headers)).message, special)
})

function modernRow (method: string, params: JsonObject, special: string): [unknown, Fields, string] {
  return [...modern(method, params), special]
}

t.test('A-9, E-57, A-14: errors made of what the application did fit the schemas', async t => {
  const application = answering({
    'tools/call': () => ({ resultType: 'input_required', inputRequests: { a: { method: 'roots/list' } } }),
    'test/throw': () => { throw new Error('no') },
    'tools/list': () => ({ resultType: 'input_required', requestState: 's' })
  })
  const { rpc } = await startApp(t, { application })
  await errorFits(t, [MODERN], (await rpc(...modern('tools/call', { name: 'x' }))).message, 'MissingRequiredClientCapabilityError')
  await errorFits(t, [MODERN], (await rpc(...modern('test/throw'))).message, 'InternalError')
  await errorFits(t, [MODERN], (await rpc(...modern('tools/list'))).message, 'InternalError')
})

const completed: ReadonlyArray<readonly [string, SpecTypeName, JsonObject]> = [
  ['server/discover', 'DiscoverResult', { supportedVersions: [MODERN], capabilities: {} }],
  ['tools/list', 'ListToolsResult', { tools: [{ name: 'x', inputSchema: { type: 'object' } }] }],
  ['prompts/list', 'ListPromptsResult', { prompts: [] }],
  ['resources/list', 'ListResourcesResult', { resources: [] }],
  ['resources/templates/list', 'ListResourceTemplatesResult', { resourceTemplates: [] }],
  ['resources/read', 'ReadResourceResult', { contents: [{ uri: 'a:b', text: 'x' }] }],
  ['tools/call', 'CallToolResult', { content: [{ type: 'text', text: 'x' }] }],
  ['prompts/get', 'GetPromptResult', { messages: [] }],
  ['completion/complete', 'CompleteResult', { completion: { values: ['a'] } }]
]

t.test('E-5, E-51, A-1: completed results fit the schemas', async t => {
  const application = answering(Object.fromEntries(completed.map(([method, , result]) => [method, () => result])))
  const { rpc } = await startApp(t, { application })
  for (const [method, name] of completed) {
    const { message } = await rpc(...modern(method, { name: 'x', uri: 'a:b' }))
    t.type(message.result, 'object', method)
    await fits(t, [MODERN], 'JSONRPCResultResponse', ['JSONRPCResultResponse', `${name}Response`], message)
    await fits(t, [MODERN], name, [name], message.result)
  }
})

t.test('E-32, E-33, E-41, A-1: every message of a listen fits the schemas', async t => {
  const capabilities = { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { listChanged: true, subscribe: true } }
  const { app, open } = await startApp(t, { application: answering({ 'server/discover': () => ({ supportedVersions: [MODERN], capabilities }) }) })
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: ['file:///a'] }
  const reader = readEvents(await open(...modern('subscriptions/listen', { notifications }, {}, 'the-id')))
  const heard = [(await reader.next())?.message]
  await app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await app.mcp.publish({ method: 'notifications/prompts/list_changed' })
  await app.mcp.publish({ method: 'notifications/resources/list_changed' })
  await app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'file:///a' } })
  await app.close()
  heard.push(...(await reader.rest()).map(event => event.message))
  const names = [
    'SubscriptionsAcknowledgedNotification', 'ToolListChangedNotification', 'PromptListChangedNotification', 'ResourceListChangedNotification',
    'ResourceUpdatedNotification'
  ] as const
  t.equal(heard.length, names.length + 1)
  for (const [index, name] of names.entries()) {
    await fits(t, [MODERN], 'JSONRPCNotification', ['JSONRPCNotification', name], heard[index])
    await fits(t, [MODERN], name, [], heard[index])
  }
  await fits(t, [MODERN], 'SubscriptionsListenResult', ['SubscriptionsListenResult'], heard.at(-1)?.result)
  await fits(t, [MODERN], 'JSONRPCResultResponse', ['SubscriptionsListenResultResponse'], heard.at(-1))
})

for (const revision of LEGACIES) {
  t.test(`A-1, A-5: requests and notifications of a session of ${revision} fit its schema`, async t => {
    const application = answering({
      'test/talk': async exchange => {
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 't', progress: 1 } })
        await exchange.send({ jsonrpc: '2.0', id: 7, method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } })
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } })
        return {}
      }
    })
    const { rpc, initialize } = await startApp(t, { application })
    const { messages } = await rpc(call('test/talk'), await initialize(revision, { sampling: {} }))
    const [progress, sampling, cancelled, response] = messages
    await fits(t, [revision], 'ProgressNotification', ['JSONRPCNotification', 'ProgressNotification'], progress)
    await fits(t, [revision], 'JSONRPCRequest', ['JSONRPCRequest', 'CreateMessageRequest'], sampling)
    await fits(t, [revision], 'CancelledNotification', ['JSONRPCNotification', 'CancelledNotification'], cancelled)
    t.equal(cancelled?.params?.requestId, sampling?.id, 'the client is told the id it knows')
    const result = revision >= '2025-11-25' ? 'JSONRPCResultResponse' : 'JSONRPCResponse'
    await fits(t, [revision], 'JSONRPCResultResponse', [result, 'JSONRPCMessage'], response)
  })
}
