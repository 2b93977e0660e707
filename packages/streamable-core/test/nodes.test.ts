import t from 'tap'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import { call, LEGACY, readEvents, startApp, type EventReader, type TestApp, type WireMessage } from './helper.ts'
import { answer, ask, get, lateStorage, listen, progress, puppet, remove, resume, until, values, type Puppet } from './session-client.ts'

type Tap = Parameters<typeof startApp>[0]
interface Node extends TestApp, Puppet {}

/** Two nodes behind one storage. They close together: each closes the storage it was given. */
async function nodes (t: Tap, storage: Storage): Promise<[Node, Node]> {
  const start = async (): Promise<Node> => {
    const told = puppet()
    const node = await startApp(t, { application: told.application }, {}, app => app.register(mcpStorage, { storage }))
    return { ...node, ...told }
  }
  return [await start(), await start()]
}

/** A test over a storage that answers at once, and over one that behaves like a remote one. */
function onBoth (name: string, test: (t: Tap, storage: Storage) => Promise<void>): void {
  t.test(name, t => test(t, memoryStorage()))
  t.test(`${name} (later)`, t => test(t, lateStorage()))
}

async function nextMessage (reader: EventReader): Promise<WireMessage> {
  for (let event = await reader.next(); event !== undefined; event = await reader.next()) if (event.data !== '') return event.message
  throw new Error('the stream ended')
}

onBoth('users row 1, D-7: a session opened on one node is served by the other, with its handshake and state', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize('2025-06-18', { sampling: {} })
  const first = a.rpc(call('work'), session)
  const onA = await a.requests.next()
  await onA.session?.setState({ level: 'debug' })
  await answer(onA)
  await first

  const reply = b.rpc(call('work'), session)
  const onB = await b.requests.next()
  t.equal(onB.revision, '2025-06-18')
  t.equal(onB.session?.id, session['mcp-session-id'])
  t.match(onB.session?.handshake, { capabilities: { sampling: {} }, clientInfo: { name: 'test' } })
  t.strictSame(onB.session?.state, { level: 'debug' })
  await onB.session?.setState({ level: undefined, other: 1 })
  await answer(onB, { node: 'b' })
  t.strictSame((await reply).message.result, { node: 'b' })

  const third = a.rpc(call('work'), session)
  const again = await a.requests.next()
  t.strictSame(again.session?.state, { other: 1 })
  await answer(again)
  await third
})

onBoth('C-18, C-16: the GET on one node receives what the other sends, before and after it opened', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.rpc(call('work'), session)
  const exchange = await a.requests.next()
  await answer(exchange)
  await reply
  const send = (uri: string): Promise<void> | undefined =>
    exchange.session?.send({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })
  await send('before')
  const reader = await listen(b, session)
  t.equal((await nextMessage(reader)).params?.uri, 'before')
  for (const uri of ['1', '2', '3']) await send(uri)
  for (const uri of ['1', '2', '3']) t.equal((await nextMessage(reader)).params?.uri, uri)

  t.strictSame(openStreams(a, b), [0, 1])
  const taken = await listen(a, session)
  t.strictSame(await reader.rest(), [], 'C-20: a GET on the other node takes over')
  await send('4')
  let last: unknown
  while (last !== '4') last = (await nextMessage(taken)).params?.uri
  t.strictSame(openStreams(a, b), [1, 0])
})

function openStreams (...all: Node[]): number[] {
  return all.map(({ app }) => [...app.mcpSessions.live()].reduce((sum, { openStreams }) => sum + openStreams, 0))
}

onBoth('C-24, C-27, C-30: the stream of a POST on one node is resumed on the other, with its live tail', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.open(call('work'), session)
  const exchange = await a.requests.next()
  for (const value of [1, 2]) await progress(exchange, value)
  const first = readEvents(await reply)
  await first.next()
  const seen = await first.next()
  t.equal(seen?.message.params?.progress, 1)
  const second = await resume(b, session, seen?.id)
  t.equal((await nextMessage(second)).params?.progress, 2)
  t.ok((await first.rest()).length <= 1, 'the connection on the first node was closed')
  for (const value of [3, 4]) await progress(exchange, value)
  for (const value of [3, 4]) t.equal((await nextMessage(second)).params?.progress, value)
  const back = await resume(a, session, seen?.id)
  t.strictSame(await second.rest(), [], 'and back again')
  await progress(exchange, 5)
  await answer(exchange, { done: true })
  t.strictSame(values(await back.rest()), [2, 3, 4, 5, { done: true }])
  t.strictSame(values(await (await resume(b, session, seen?.id)).rest()), [2, 3, 4, 5, { done: true }])
})

onBoth('C-24: thousands of events flow from one node to a reader on the other, none lost or doubled', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.open(call('work'), session)
  const exchange = await a.requests.next()
  exchange.detach(0)
  const [priming] = await readEvents(await reply).rest()
  const reader = await resume(b, session, priming?.id)
  const got: unknown[] = []
  for (let n = 0; n < 3000; n++) {
    await progress(exchange, n)
    // The store keeps a thousand: the reader must stay near.
    if (n % 500 === 499) while (got.length <= n) got.push((await nextMessage(reader)).params?.progress)
  }
  await answer(exchange, { done: true })
  t.strictSame(got, [...Array(3000).keys()])
  t.strictSame(values(await reader.rest()), [{ done: true }])
})

onBoth('C-15: detach() finds the connection on the other node', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.open(call('work'), session)
  const exchange = await a.requests.next()
  await progress(exchange, 1)
  const priming = await readEvents(await reply).next()
  const onB = await resume(b, session, priming?.id)
  t.equal((await nextMessage(onB)).params?.progress, 1)
  await until(() => [...a.app.mcpSessions.live()].every(({ openStreams }) => openStreams === 0))
  exchange.detach(77)
  t.strictSame(await onB.rest(), [])
  t.strictSame(onB.retries, [77])

  const standalone = await listen(b, session)
  await standalone.next()
  exchange.session?.detachStandalone(88)
  t.strictSame(await standalone.rest(), [])
  t.strictSame(standalone.retries, [1000, 88])
  await answer(exchange)
})

onBoth('C-10, A-37: a response posted to one node reaches the request of the other', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.open(call('work'), session)
  const exchange = await a.requests.next()
  await ask(exchange, 'elicitation/create', 7)
  const { id } = await nextMessage(readEvents(await reply))
  const response = { jsonrpc: '2.0', id, result: { action: 'accept' } }
  const foreign = await b.initialize()
  t.equal((await b.rpc(response, foreign)).status, 202)
  t.equal(a.others.size, 0, 'H-17: not from another session')
  t.equal((await b.rpc(response, session)).status, 202)
  t.strictSame((await a.others.next()).message, { jsonrpc: '2.0', id: 7, result: { action: 'accept' } })
  t.equal((await b.rpc(response, session)).status, 202)
  t.equal(a.others.size, 0)
  t.equal(b.others.size, 0)
  t.equal((await b.rpc({ ...response, id: 'ffffffffffff.1' }, session)).status, 202, 'of a node that is gone')

  await storage.nodes.beat('ffffffffffff', 60_000)
  const unreachable = await b.rpc({ ...response, id: 'ffffffffffff.1' }, session)
  t.equal(unreachable.status, 503, 'of a node that lives and does not hear')
  t.ok(unreachable.headers.has('retry-after'))

  await exchange.session?.send({ jsonrpc: '2.0', id: 8, method: 'ping' })
  const ping = await nextMessage(await listen(b, session))
  t.equal((await b.rpc({ jsonrpc: '2.0', id: ping.id, result: {} }, session)).status, 202)
  t.strictSame((await a.others.next()).message, { jsonrpc: '2.0', id: 8, result: {} }, 'the standalone stream alike')
  await answer(exchange)
})

onBoth('A-58: a cancellation on one node aborts on the other', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reply = a.rpc(call('work', {}, 'x'), session)
  const exchange = await a.requests.next()
  const { signal } = exchange
  t.equal((await b.rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'x', reason: 'why' } }, session)).status, 202)
  t.strictSame((await reply).messages, [])
  t.match(signal.reason, { message: 'why' })
})

onBoth('D-10: DELETE on one node ends everything on the other', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const standalone = await listen(a, session)
  const reply = a.open(call('work'), session)
  const exchange = await a.requests.next()
  await progress(exchange, 1)
  const posted = readEvents(await reply)
  let closed = 0
  exchange.session?.onClose(() => { closed++ })
  const { signal } = exchange
  t.equal((await remove(b, session)).status, 204)
  t.strictSame((await standalone.rest()).filter(({ data }) => data !== ''), [])
  t.ok((await posted.rest()).every(({ message }) => message.result === undefined))
  await until(() => signal.aborted)
  t.equal(closed, 1)
  for (const node of [a, b]) {
    for (const response of [await node.open(call('ping'), session), await get(node, session), await remove(node, session)]) {
      t.equal(response.status, 404)
    }
  }
  t.strictSame([...a.app.mcpSessions.live(), ...b.app.mcpSessions.live()], [])
})

onBoth('D-5: initialize with an id that lives on another node → 400', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const { status } = await b.rpc({ ...call('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: 'x', version: '1' } }) }, session)
  t.equal(status, 400)
})

onBoth('users row 3, A-4: equal ids in flight on two nodes each get their own result', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const replies = [a.rpc(call('work', {}, 1), session), b.rpc(call('work', {}, 1), session)]
  const [onA, onB] = [await a.requests.next(), await b.requests.next()]
  await answer(onB, { node: 'b' })
  await answer(onA, { node: 'a' })
  t.strictSame((await Promise.all(replies)).map(({ message }) => message.result), [{ node: 'a' }, { node: 'b' }])
})

onBoth('users row 1: a change published on one node reaches the GETs of the other', async (t, storage) => {
  const [a, b] = await nodes(t, storage)
  const session = await a.initialize()
  const reader = await listen(b, session)
  await a.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  t.equal((await nextMessage(reader)).method, 'notifications/tools/list_changed')
})

/** A bus that loses the news that a GET came to another node. */
function losing (storage: Storage): Storage {
  const { bus } = storage
  return {
    ...storage,
    bus: {
      publish: (channel, message) => message.includes('"taken"') ? 0 : bus.publish(channel, message),
      subscribe: (channel, listener) => bus.subscribe(channel, listener),
      onGap: () => () => {}
    }
  }
}

onBoth('C-16, C-20: a node that missed that the GET moved to another node sends no change a second time', async (t, storage) => {
  const [a, b] = await nodes(t, losing(storage))
  const session = await a.initialize()
  const before = await listen(a, session)
  const reader = await listen(b, session)
  for (const method of ['notifications/tools/list_changed', 'notifications/prompts/list_changed'] as const) await a.app.mcp.publish({ method })
  t.strictSame(await before.rest().then(events => events.filter(({ data }) => data !== '')), [], 'the connection before is closed')
  await a.app.mcp.publish({ method: 'notifications/resources/list_changed' })
  const methods: Array<string | undefined> = []
  while (methods.at(-1) !== 'notifications/resources/list_changed') methods.push((await nextMessage(reader)).method)
  t.strictSame(methods, ['notifications/tools/list_changed', 'notifications/prompts/list_changed', 'notifications/resources/list_changed'])
})
