import t from 'tap'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import { call, readEvents, startApp } from './helper.ts'
import { answer, progress, puppet, resume, until, values } from './session-client.ts'

/** A storage whose streams open when the test says so. */
function slow (): { storage: Storage, open: () => void, fail: (error: Error) => void } {
  const storage = memoryStorage()
  let open = (): void => {}
  let fail = (_error: Error): void => {}
  const gate = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  gate.catch(() => {})
  const events = Object.create(storage.events) as Storage['events']
  events.open = (session, stream, owner) => gate.then(() => storage.events.open(session, stream, owner))
  events.append = async (session, stream, messages, last) => {
    await gate
    return storage.events.append(session, stream, messages, last)
  }
  for (const method of ['read', 'deleteSession'] as const) Object.assign(events, { [method]: storage.events[method].bind(storage.events) })
  return { storage: { ...storage, events }, open, fail }
}

t.test('C-14, C-27: a client gets neither headers nor an event id before the store knows the stream', async t => {
  const { application, requests } = puppet()
  const { storage, open } = slow()
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const session = await node.initialize()
  let replied = false
  const reply = node.open(call('work'), session).finally(() => { replied = true })
  const exchange = await requests.next()
  progress(exchange, 1)
  exchange.detach()
  await node.rpc(call('ping'), session)
  t.notOk(replied)
  open()
  const [priming, ...others] = await readEvents(await reply).rest()
  t.equal(priming?.data, '', 'detached, but not before there is an id to come back with')
  await answer(exchange, { done: true })
  const seen = values(others)
  t.strictSame([...seen, ...values(await (await resume(node, session, others.at(-1)?.id ?? priming?.id)).rest())], [1, { done: true }])
})

t.test('C-27: where the store does not take the stream the client gets 503 and a time to come back', async t => {
  const { application, requests } = puppet()
  const { storage, fail } = slow()
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  progress(exchange, 1)
  fail(Object.assign(new Error('out of reach'), { statusCode: 503 }))
  const response = await reply
  t.equal(response.status, 503)
  t.ok(response.headers.has('retry-after'))
  t.ok(exchange.signal.aborted)
})

t.test('C-12: a client that leaves before its stream has a first byte is no failure of the server', async t => {
  const { application, requests } = puppet()
  const { storage, open } = slow()
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const session = await node.initialize()
  const client = new AbortController()
  const reply = node.open(call('work'), session, client.signal)
  const exchange = await requests.next()
  progress(exchange, 1)
  client.abort()
  await t.rejects(reply)
  await until(() => node.logs.some(({ msg }) => msg === 'the client left before the reply began'))
  open()
  await answer(exchange, { done: true })
  t.same((await node.rpc(call('ping'), session)).message.result, {})
  t.notOk(exchange.signal.aborted)
  t.strictSame(node.logs.filter(({ level }) => level >= 40), [])
})
