/** What a principal may not know of. */
import { ErrorCode, errorResponse, isRequest, type CatalogueKind, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import t from 'tap'
import { call, modern, readEvents, startApp, type TestApp } from './helper.ts'

const HIDDEN = new Set(['tool secret', 'prompt secret', 'resource file:///secret', 'resource secret://{name}'])
const sees = (kind: CatalogueKind, name: string): boolean => !HIDDEN.has(`${kind} ${name}`)

const called: string[] = []

/** Knows what is hidden, and says of everything else that it does not exist. */
const application: ExchangeHandler = async exchange => {
  const { message } = exchange
  if (!isRequest(message)) return
  const { id, method, params = {} } = message
  const answer = (result: JsonObject): Promise<void> => exchange.send({ jsonrpc: '2.0', id, result })
  const asked = String(params.name ?? params.uri ?? Object(params.ref).name)
  switch (method) {
    case 'initialize': return answer({ protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'a', version: '1' } })
    case 'server/discover': return answer({ supportedVersions: ['2026-07-28'], capabilities: { resources: { subscribe: true } }, ttlMs: 0, cacheScope: 'private' })
    case 'tools/list': return answer({ tools: [{ name: 'open', inputSchema: {} }, { name: 'secret', inputSchema: {} }], nextCursor: 'more' })
    case 'prompts/list': return answer({ prompts: [{ name: 'secret' }, { name: 'open' }] })
    case 'resources/list': return answer({ resources: [{ uri: 'file:///secret', name: 's' }, { uri: 'file:///open', name: 'o' }] })
    case 'resources/templates/list': return answer({ resourceTemplates: [{ uriTemplate: 'secret://{name}', name: 's' }] })
  }
  called.push(asked)
  if (/secret|open/.test(asked)) return answer({ content: [], messages: [], contents: [], completion: { values: [] } })
  return exchange.send(errorResponse(id, ErrorCode.InvalidParams, `No "${asked}" here`, { asked }))
}

function start (t: Parameters<typeof startApp>[0]): Promise<TestApp> {
  return startApp(t, { application }, {}, app => { app.decorate('mcpGates', [{ judge: () => null, sees }]) })
}

t.test('G-20: lists leave it out', async t => {
  const { rpc, initialize } = await start(t)
  const session = await initialize()
  for (const send of [(method: string) => rpc(call(method), session), (method: string) => rpc(...modern(method))]) {
    t.match((await send('tools/list')).message.result, { tools: [{ name: 'open' }], nextCursor: 'more' })
    t.strictSame((await send('prompts/list')).message.result?.prompts, [{ name: 'open' }])
    t.strictSame((await send('resources/list')).message.result?.resources, [{ uri: 'file:///open', name: 'o' }])
    t.strictSame((await send('resources/templates/list')).message.result?.resourceTemplates, [])
  }
})

const TARGETS: ReadonlyArray<readonly [string, (name: string) => JsonObject, string]> = [
  ['tools/call', name => ({ name, arguments: {} }), ''],
  ['prompts/get', name => ({ name }), ''],
  ['resources/read', name => ({ uri: name }), 'file:///'],
  ['resources/subscribe', name => ({ uri: name }), 'file:///'],
  ['completion/complete', name => ({ ref: { type: 'ref/prompt', name }, argument: { name: 'a', value: '' } }), '']
]

for (const [method, params, prefix] of TARGETS) {
  t.test(`G-20: ${method} of what is hidden is answered like what does not exist`, async t => {
    const { rpc, initialize } = await start(t)
    const session = await initialize()
    const ask = async (name: string): Promise<unknown> => {
      const { status, message } = await rpc(call(method, params(prefix + name)), session)
      return { status, message }
    }
    called.length = 0
    const hidden = await ask('secret')
    t.notOk(called.includes(prefix + 'secret'), 'the application never hears of it')
    t.strictSame(JSON.parse(JSON.stringify(hidden).replaceAll('secret', 'nobody')), await ask('nobody'))
    t.match(await ask('open'), { status: 200, message: { result: {} } })
  })
}

t.test('E-35, G-20: nobody hears of changes to a resource they may not know of', async t => {
  const { open, app } = await start(t)
  const notifications = { resourceSubscriptions: ['file:///secret', 'file:///open'] }
  const response = await open(...modern('subscriptions/listen', { notifications }))
  const events = readEvents(response)
  t.strictSame((await events.next())?.message.params?.notifications, { resourceSubscriptions: ['file:///open'] })
  await app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'file:///secret' } })
  await app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'file:///open' } })
  t.equal((await events.next())?.message.params?.uri, 'file:///open')
  await events.cancel()
})
