import t from 'tap'
import { subscriptionKey } from '@mcp/protocol'
import Fastify from 'fastify'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import { mcpStreamable } from '../src/index.ts'
import { answering, call, startApp, type EventReader, type Fields, type TestApp } from './helper.ts'
import { get, listen, until } from './session-client.ts'

/** An application that keeps subscriptions where the endpoint looks for them. */
const application = answering({
  'resources/subscribe': async ({ session, message }) => {
    await session?.setState({ [subscriptionKey(String(message.params?.uri))]: true })
    return {}
  },
  'resources/unsubscribe': async ({ session, message }) => {
    await session?.setState({ [subscriptionKey(String(message.params?.uri))]: undefined })
    return {}
  }
})

const LISTS = ['notifications/tools/list_changed', 'notifications/prompts/list_changed', 'notifications/resources/list_changed'] as const
/** The last word in every test: what came before it is all there was. */
const END = { method: 'notifications/prompts/list_changed' } as const

async function untilEnd (reader: EventReader): Promise<unknown[]> {
  const seen: unknown[] = []
  for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
    if (event.message.method === END.method) return seen
    if (event.data !== '') seen.push(event.message.params?.uri ?? event.message.method)
  }
  return [...seen, 'the stream ended']
}

async function subscribe (node: TestApp, session: Fields, uri: string, method = 'resources/subscribe'): Promise<void> {
  const { message } = await node.rpc(call(method, { uri }), session)
  if (message.result === undefined) throw new Error('not subscribed')
}

t.test('C-17: changed lists reach the standalone stream of every session that has one open, in every legacy revision', async t => {
  const node = await startApp(t, { application })
  const readers: EventReader[] = []
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) readers.push(await listen(node, await node.initialize(version)))
  await node.initialize()
  for (const method of LISTS) await node.app.mcp.publish({ method })
  for (const reader of readers) {
    const seen: unknown[] = []
    while (seen.length < LISTS.length) {
      const event = await reader.next()
      if (event?.data !== '') seen.push(event?.message.method)
    }
    t.strictSame(seen, LISTS)
  }
})

t.test('D-20, C-17: an updated resource reaches the sessions that subscribed to it, and no others', async t => {
  const node = await startApp(t, { application })
  const [one, two, none] = [await node.initialize(), await node.initialize(), await node.initialize()]
  await subscribe(node, one, 'file:///a')
  await subscribe(node, one, 'file:///b')
  await subscribe(node, two, 'file:///b')
  const readers = [await listen(node, one), await listen(node, two), await listen(node, none)]
  for (const uri of ['file:///a', 'file:///b', 'file:///c', 'file:///a/']) await node.app.mcp.publish({ method: 'notifications/resources/updated', params: { uri } })
  await node.app.mcp.publish(END)
  const [first, second, third] = await Promise.all(readers.map(untilEnd))
  t.strictSame(first, ['file:///a', 'file:///b'])
  t.strictSame(second, ['file:///b'])
  t.strictSame(third, [])

  await subscribe(node, one, 'file:///a', 'resources/unsubscribe')
  await node.app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'file:///a' } })
  await node.app.mcp.publish(END)
  t.strictSame(await untilEnd(readers[0] as EventReader), [])
})

t.test('C-16, C-17: changes never take the stream of a request', async t => {
  const node = await startApp(t, {
    application: answering({
      work: async exchange => {
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
        await node.app.mcp.publish({ method: 'notifications/tools/list_changed' })
        return {}
      }
    })
  })
  const { messages } = await node.rpc(call('work'), await node.initialize())
  t.strictSame(messages.map(({ method, result }) => method ?? result), ['notifications/progress', {}])
})

t.test('C-16, C-24: a client that lost its GET hears of the changes meanwhile when it is back, and nobody hears twice', async t => {
  const node = await startApp(t, { application })
  const [lost, kept, never] = [await node.initialize(), await node.initialize(), await node.initialize()]
  const [leaving, staying] = [await listen(node, lost), await listen(node, kept)]
  await leaving.cancel()
  await until(() => [...node.app.mcpSessions.live()].filter(({ openStreams }) => openStreams > 0).length === 1)
  await node.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await node.app.mcp.publish(END)
  t.strictSame(await untilEnd(staying), ['notifications/tools/list_changed'])
  t.strictSame(await untilEnd(await listen(node, lost)), ['notifications/tools/list_changed'])
  const first = await listen(node, never)
  await node.app.mcp.publish(END)
  t.strictSame(await untilEnd(first), [], 'who never listened missed nothing')
})

t.test('C-16, D-7: a client that comes back to another node hears of each change once', async t => {
  const storage = memoryStorage()
  const start = () => startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const [a, b] = [await start(), await start()]
  const session = await a.initialize()
  const before = await listen(a, session)
  await before.cancel()
  await until(() => [...a.app.mcpSessions.live()].every(({ openStreams }) => openStreams === 0))
  await a.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  await a.app.mcp.publish(END)
  const after = await listen(b, session)
  t.strictSame(await untilEnd(after), ['notifications/tools/list_changed'])
  await a.app.mcp.publish({ method: 'notifications/resources/list_changed' })
  await a.app.mcp.publish(END)
  t.strictSame(await untilEnd(after), ['notifications/resources/list_changed'])
})

t.test('users row 4: what one endpoint publishes stays on that endpoint', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const scopes: Array<typeof app> = []
  for (const prefix of ['/a', '/b']) {
    await app.register(async scope => {
      await scope.register(mcpStreamable, { application })
      scopes.push(scope as unknown as typeof app)
    }, { prefix })
  }
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const readers: EventReader[] = []
  for (const path of ['/a/mcp', '/b/mcp']) {
    const node = { url: base + path } as TestApp
    const opened = await fetch(node.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }))
    })
    await opened.text()
    readers.push(await listen(node, { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }))
  }
  await scopes[0]?.mcp.publish({ method: 'notifications/tools/list_changed' })
  for (const scope of scopes) await scope.mcp.publish(END)
  const [first, second] = await Promise.all(readers.map(untilEnd))
  t.strictSame(first, ['notifications/tools/list_changed'])
  t.strictSame(second, [])
})

t.test('D-19: publishing where nobody listens is no error', async t => {
  for (const options of [{ sessions: false }, {}]) {
    const node = await startApp(t, options)
    await t.resolves(node.app.mcp.publish({ method: 'notifications/tools/list_changed' }))
    t.equal((await get(node, {})).ok, false)
  }
})

t.test('E-39, D-20: after a gap on the bus clients are told that all they asked for may have changed', async t => {
  const { bus, ...storage } = memoryStorage()
  let gap = (): void => {}
  const own: Storage = {
    ...storage,
    bus: {
      publish: (channel, message) => bus.publish(channel, message),
      subscribe: (channel, listener) => bus.subscribe(channel, listener),
      onGap: listener => {
        const before = gap
        gap = () => {
          before()
          listener()
        }
        return () => {}
      }
    }
  }
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage: own }))
  const session = await node.initialize()
  await subscribe(node, session, 'file:///a')
  const legacy = await listen(node, session)
  gap()
  await node.app.mcp.publish(END)
  t.strictSame(await untilEnd(legacy), ['file:///a'])
})
