import type { ExchangeHandler, JsonObject, RequestId } from '@mcp/protocol'
import t, { type Test } from 'tap'
import type { McpStreamableOptions } from '../src/index.ts'
import { answering, modern, readEvents, signalled, startApp, type Event, type EventReader, type Fields, type TestApp } from './helper.ts'

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'
const EVERYTHING = { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { listChanged: true, subscribe: true } }
const TOOLS = { method: 'notifications/tools/list_changed' } as const
const PROMPTS = { method: 'notifications/prompts/list_changed' } as const
const RESOURCES = { method: 'notifications/resources/list_changed' } as const

function updated (uri: string): { method: 'notifications/resources/updated', params: { uri: string } } {
  return { method: 'notifications/resources/updated', params: { uri } }
}

function offering (capabilities: JsonObject): ReturnType<typeof answering> {
  return answering({ 'server/discover': () => ({ supportedVersions: ['2026-07-28'], capabilities }) })
}

function start (t: Test, options: Partial<McpStreamableOptions> = {}): Promise<TestApp> {
  return startApp(t, { application: offering(EVERYTHING), ...options })
}

interface Listener {
  response: Response
  reader: EventReader
  ack: Event | undefined
}

/** Opens a listen and reads its acknowledgement. */
async function listen ({ open }: TestApp, notifications: JsonObject, id: RequestId = 1, headers: Fields = {}): Promise<Listener> {
  const response = await open(...modern('subscriptions/listen', { notifications }, headers, id))
  const reader = readEvents(response)
  return { response, reader, ack: await reader.next() }
}

t.test('E-31, E-32, E-33: a stream whose first message acknowledges what is honoured', async t => {
  const server = await start(t)
  for (const id of [1, '1', 0, 'ü']) {
    const { response, ack } = await listen(server, { toolsListChanged: true, resourceSubscriptions: ['a:b', 'a:b', 'c:d'] }, id)
    t.equal(response.status, 200)
    t.equal(response.headers.get('content-type'), 'text/event-stream')
    t.equal(response.headers.get('x-accel-buffering'), 'no')
    t.strictSame(ack?.message, {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['a:b', 'c:d'] }, _meta: { [SUBSCRIPTION]: id } }
    })
    t.equal(ack?.id, undefined, 'C-32: nothing to resume from')
  }
})

t.test('E-31: also where replies are forced to be JSON', async t => {
  const server = await start(t, { response: 'json' })
  const { response, ack } = await listen(server, {})
  t.equal(response.headers.get('content-type'), 'text/event-stream')
  t.strictSame(ack?.message.params?.notifications, {})
})

t.test('E-31, B-5, A-30: a client that takes no streams is 406', async t => {
  const { rpc } = await start(t)
  for (const accept of ['application/json', '*/*, text/event-stream;q=0']) {
    const answer = await rpc(...modern('subscriptions/listen', { notifications: {} }, { accept }))
    t.equal(answer.status, 406)
    t.match(answer.message, { id: 1, error: { code: -32600 } })
  }
})

t.test('E-31: a filter that is missing or of the wrong type is 400 with -32602', async t => {
  const { rpc } = await start(t)
  for (const notifications of [
    undefined, null, [], 'tools', { toolsListChanged: 'yes' }, { promptsListChanged: 1 }, { resourcesListChanged: null },
    { resourceSubscriptions: 'a:b' }, { resourceSubscriptions: [1] }, { resourceSubscriptions: {} }
  ]) {
    const answer = await rpc(...modern('subscriptions/listen', { notifications }, {}, 'x'))
    t.equal(answer.status, 400, JSON.stringify(notifications))
    t.match(answer.message, { id: 'x', error: { code: -32602, message: /params\.notifications/ } })
  }
})

t.test('E-32: what the application does not offer is left out', async t => {
  const all = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: ['a:b'], unheardOf: true }
  for (const [capabilities, honoured] of [
    [{}, {}],
    [{ tools: {}, prompts: { listChanged: false }, resources: {} }, {}],
    [{ tools: { listChanged: true } }, { toolsListChanged: true }],
    [{ resources: { subscribe: true } }, { resourceSubscriptions: ['a:b'] }],
    [{ resources: { listChanged: true }, prompts: { listChanged: true } }, { promptsListChanged: true, resourcesListChanged: true }]
  ] as const) {
    const server = await start(t, { application: offering(capabilities) })
    t.strictSame((await listen(server, all)).ack?.message.params?.notifications, honoured)
  }
})

t.test('E-31, B-19: an application without discover has nothing to listen to', async t => {
  const application: ExchangeHandler = async exchange => {
    const { message } = exchange
    if ('id' in message && 'method' in message) await exchange.send({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'unknown' } })
  }
  const { rpc } = await start(t, { application })
  const answer = await rpc(...modern('subscriptions/listen', { notifications: {} }, {}, 'x'))
  t.equal(answer.status, 404)
  t.match(answer.message, { id: 'x', error: { code: -32601 } })
})

t.test('E-33, E-34: everyone hears what they asked for and nothing else', async t => {
  const server = await start(t)
  const tools = await listen(server, { toolsListChanged: true }, 'tools')
  const lists = await listen(server, { promptsListChanged: true, resourcesListChanged: true, toolsListChanged: false }, 'lists')
  const nothing = await listen(server, {}, 'nothing')
  for (const notification of [TOOLS, PROMPTS, RESOURCES, updated('a:b')]) await server.app.mcp.publish(notification)
  await server.app.close()
  const heard = async ({ reader }: Listener): Promise<unknown[]> => {
    return (await reader.rest()).map(({ message }) => message.method ?? message.result)
  }
  const end = (id: string): JsonObject => ({ resultType: 'complete', _meta: { [SUBSCRIPTION]: id } })
  t.strictSame(await heard(tools), [TOOLS.method, end('tools')])
  t.strictSame(await heard(lists), [PROMPTS.method, RESOURCES.method, end('lists')])
  t.strictSame(await heard(nothing), [end('nothing')])
})

t.test('E-33: every message names its listen, in the type of its id, beside what it carries already', async t => {
  const server = await start(t)
  const { reader } = await listen(server, { resourceSubscriptions: ['a:b'] }, 7)
  await server.app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'a:b', title: 'x', _meta: { 'com.example/why': 'saved' } } })
  t.strictSame((await reader.next())?.message, {
    jsonrpc: '2.0',
    method: 'notifications/resources/updated',
    params: { uri: 'a:b', title: 'x', _meta: { 'com.example/why': 'saved', [SUBSCRIPTION]: 7 } }
  })
})

t.test('E-35: resources match by their exact URI', async t => {
  const server = await start(t)
  const { reader } = await listen(server, { resourceSubscriptions: ['file:///a', 'file:///B'] })
  for (const uri of ['file:///a/', 'file:///A', 'file:///a?x', 'file:///', 'file:///b', 'FILE:///a', 'file:///B']) await server.app.mcp.publish(updated(uri))
  t.strictSame((await reader.next())?.message.params?.uri, 'file:///B')
})

t.test('E-36: equal ids of several clients stay apart', async t => {
  const server = await start(t)
  const one = await listen(server, { toolsListChanged: true }, 1)
  const two = await listen(server, { promptsListChanged: true }, 1)
  const three = await listen(server, { toolsListChanged: true }, 1)
  await server.app.mcp.publish(PROMPTS)
  await server.app.mcp.publish(TOOLS)
  t.equal((await one.reader.next())?.message.method, TOOLS.method)
  t.equal((await two.reader.next())?.message.method, PROMPTS.method)
  await one.reader.cancel()
  await server.app.mcp.publish(TOOLS)
  t.equal((await three.reader.next())?.message.method, TOOLS.method)
  t.equal((await three.reader.next())?.message.method, TOOLS.method, 'the end of one is not the end of its namesake')
})

t.test('E-37: beyond the cap a listen is 429 with Retry-After', async t => {
  const server = await start(t, { limits: { listens: 2, listenUris: 2 } })
  await listen(server, {})
  await listen(server, {})
  const refused = await server.rpc(...modern('subscriptions/listen', { notifications: {} }, {}, 'x'))
  t.equal(refused.status, 429)
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.match(refused.message, { id: 'x', error: { code: -32603 } })
  const uris = await server.rpc(...modern('subscriptions/listen', { notifications: { resourceSubscriptions: ['a:1', 'a:2', 'a:3'] } }))
  t.equal(uris.status, 400)
  t.match(uris.message.error, { code: -32602, message: /at most 2/ })
})

t.test('E-37: the cap holds for listens that open at the same time', async t => {
  const go = signalled()
  const application = answering({ 'server/discover': async () => { await go.promise; return { capabilities: EVERYTHING } } })
  const server = await start(t, { application, limits: { listens: 2 } })
  const opened = Array.from({ length: 5 }, (_, id) => server.open(...modern('subscriptions/listen', { notifications: {} }, {}, id)))
  await Promise.race(opened)
  go.resolve()
  const statuses = await Promise.all(opened.map(async response => (await response).status))
  t.strictSame(statuses.sort(), [200, 200, 429, 429, 429])
})

/** Asks again until a place is free: when a server hears of a disconnect is the network's business. */
async function listenWhenFree (server: TestApp): Promise<number> {
  for (let attempts = 1; attempts <= 200; attempts++) {
    const { response, reader } = await listen(server, {})
    if (response.status === 200) return attempts
    await reader.cancel()
  }
  return Infinity
}

t.test('E-38: a client that goes away frees its place', async t => {
  const server = await start(t, { limits: { listens: 1 } })
  const { reader } = await listen(server, { toolsListChanged: true })
  await reader.cancel()
  t.ok(await listenWhenFree(server) < Infinity)
  await server.app.mcp.publish(TOOLS)
})

t.test('E-38: also one that goes before the acknowledgement', async t => {
  const asked = signalled()
  const go = signalled()
  let first = true
  const application = answering({
    'server/discover': async () => {
      if (first) {
        first = false
        asked.resolve()
        await go.promise
      }
      return { capabilities: EVERYTHING }
    }
  })
  const server = await start(t, { application, limits: { listens: 1 } })
  const closed = signalled()
  server.app.server.once('connection', socket => socket.once('close', () => closed.resolve()))
  const client = new AbortController()
  const gone = server.open(...modern('subscriptions/listen', { notifications: {} }), client.signal)
  await asked.promise
  client.abort()
  await t.rejects(gone)
  await closed.promise
  go.resolve()
  t.ok(await listenWhenFree(server) < Infinity)
})

t.test('E-41, E-7, E-45, C-8: app.close() ends each listen with its result and nothing else', async t => {
  const serverInfo = { name: 'application', version: '1' }
  const application = answering({ 'server/discover': () => ({ capabilities: EVERYTHING, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } }) })
  const server = await start(t, { application })
  const { reader } = await listen(server, { toolsListChanged: true }, 'the-id')
  await server.app.close()
  t.strictSame((await reader.rest()).map(event => event.message), [{
    jsonrpc: '2.0',
    id: 'the-id',
    result: { resultType: 'complete', _meta: { [SUBSCRIPTION]: 'the-id', 'io.modelcontextprotocol/serverInfo': serverInfo } }
  }])
})

t.test('C-3: a silent listen is kept alive by comments', async t => {
  const server = await start(t, { keepAliveMs: 20 })
  const { reader } = await listen(server, { toolsListChanged: true })
  const next = reader.next()
  while (reader.comments.length < 4) await new Promise(resolve => setImmediate(resolve))
  await server.app.mcp.publish(TOOLS)
  t.equal((await next)?.message.method, TOOLS.method)
})

t.test('E-39: only changes can be published', async t => {
  const { app } = await start(t)
  for (const method of ['notifications/progress', 'notifications/resources/updated', 'toString', 'tools/list']) {
    await t.rejects(app.mcp.publish({ method } as Parameters<typeof app.mcp.publish>[0]), { code: 'MCP_ENDPOINT_BAD_NOTIFICATION' }, method)
  }
})
