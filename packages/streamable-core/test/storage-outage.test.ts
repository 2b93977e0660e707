import t, { type Test } from 'tap'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import { call, initializeRequest, readEvents, startApp } from './helper.ts'
import { get, listen, progress, puppet, remove, resume } from './session-client.ts'

type Mode = 'works' | 'rejects' | 'throws'

class Unavailable extends Error {
  readonly statusCode = 503
}

/** A storage in memory that can be told to fail, with a promise as remote ones do or at once as embedded ones do. */
function failing (): { storage: Storage, fail (mode: Mode): void, counted (): number } {
  const memory = memoryStorage()
  let mode: Mode = 'works'
  let count = 0
  const guarded = <T extends object>(part: T): T => new Proxy(part, {
    get (target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'count') count++
        if (mode === 'throws') throw new Unavailable('the storage is away')
        if (mode === 'rejects') return Promise.reject(new Unavailable('the storage is away'))
        const outcome: unknown = Reflect.apply(value, target, args)
        return name === 'onGap' || name === 'countNow' ? outcome : Promise.resolve(outcome)
      }
    }
  })
  const sessions = guarded(memory.sessions)
  // A remote storage does not know at once.
  Object.defineProperty(sessions, 'countNow', { value: undefined })
  const storage: Storage = {
    name: 'failing',
    sessions: new Proxy(sessions, { get: (target, name) => name === 'countNow' ? undefined : Reflect.get(target, name, target) }),
    events: guarded(memory.events),
    bus: guarded(memory.bus),
    nodes: guarded(memory.nodes),
    close: () => memory.close()
  }
  return { storage, fail (next) { mode = next }, counted: () => count }
}

for (const mode of ['rejects', 'throws'] as const) {
  t.test(`C-27, D-7: while the storage ${mode}, every request gets its status, close() resolves and no promise is dropped`, async t => {
    const { storage, fail } = failing()
    const node = await startApp(t, { closeTimeoutMs: 100 }, {}, async app => { await app.register(mcpStorage, { storage }) })
    const session = await node.initialize()

    fail(mode)
    t.equal((await node.open(initializeRequest())).status, 503)
    t.equal((await node.open(call('ping'), session)).status, 503)
    t.equal((await get(node, session)).status, 503)
    t.equal((await remove(node, session)).status, 503)
    t.ok(node.logs.some(({ err }) => String((err as { message?: string } | undefined)?.message).includes('away')), 'the log says why')
    await t.resolves(node.app.close())
  })
}

t.test('initialize asks the storage once: it does not count', async t => {
  const { storage, counted } = failing()
  const node = await startApp(t, {}, {}, async app => { await app.register(mcpStorage, { storage }) })
  await node.initialize()
  t.equal(counted(), 0)
})

t.test('C-26: the storage forgets the stream of a running request: the call ends with an error and the log says why', async t => {
  const storage = memoryStorage()
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, async app => { await app.register(mcpStorage, { storage }) })
  const session = await node.initialize()
  const reply = node.open(call('work', {}, 'a:b'), session)
  const exchange = await requests.next()
  const { signal } = exchange
  await progress(exchange, 1)
  const reader = readEvents(await reply)
  const [priming] = [await reader.next(), await reader.next()]
  await storage.events.deleteSession(session['mcp-session-id'] ?? '')
  await progress(exchange, 2)
  t.match((await reader.rest()).at(-1)?.message, { id: 'a:b', error: { code: -32603, message: /storage/ } })
  t.ok(signal.aborted)
  t.ok(node.logs.some(({ msg }) => /no longer knows the stream/.test(String(msg))))
  t.match((await (await resume(node, session, priming?.id)).rest()).at(-1)?.message, { id: 'a:b', error: { code: -32603 } })
})

t.test('C-26: a client that resumes a forgotten stream that still runs gets an error when it goes on', async t => {
  const storage = memoryStorage()
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, async app => { await app.register(mcpStorage, { storage }) })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const first = readEvents(await reply)
  const priming = await first.next()
  await first.cancel()
  const second = await resume(node, session, priming?.id)
  await second.next()
  await storage.events.deleteSession(session['mcp-session-id'] ?? '')
  await progress(exchange, 2)
  t.match((await second.rest()).at(-1)?.message, { id: 1, error: { code: -32603 } })
})

/** Starts a call that says nothing for long, as a stream or (without `streams`) as JSON. */
async function silentCall (t: Test, streams: boolean) {
  const storage = memoryStorage()
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, async app => { await app.register(mcpStorage, { storage }) })
  const session = await node.initialize()
  const id = session['mcp-session-id'] ?? ''
  const reply = node.open(call('work'), { ...session, ...(streams ? {} : { accept: 'application/json' }) })
  const exchange = await requests.next()
  const { signal } = exchange
  if (streams) await progress(exchange, 1)
  return { storage, node, session, id, reply, signal }
}

const LOST = { id: 1, error: { code: -32603, message: /storage/ } }

t.test('C-26, D-7: the storage forgets the session of a silent call: it ends with an error, and its GET stream ends', async t => {
  const { storage, node, session, id, reply, signal } = await silentCall(t, true)
  const standalone = await listen(node, session)
  const reader = readEvents(await reply)
  await storage.sessions.delete(id)
  await storage.events.deleteSession(id)
  t.match((await reader.rest()).at(-1)?.message, LOST)
  await standalone.rest()
  t.ok(signal.aborted)
  t.ok(node.logs.some(({ msg, level }) => level === 50 && /no longer knows a session in use/.test(msg)))
  t.equal((await node.open(call('ping'), session)).status, 404)
})

t.test('C-26, D-7: a call that is answered as JSON ends too', async t => {
  const { storage, id, reply, signal } = await silentCall(t, false)
  await storage.sessions.delete(id)
  const response = await reply
  t.match(await response.json(), LOST)
  t.ok(signal.aborted)
})

t.test('C-26, D-7: a request that finds the session forgotten ends what runs in it with an error', async t => {
  const { storage, node, session, id, reply } = await silentCall(t, true)
  const reader = readEvents(await reply)
  await storage.sessions.delete(id)
  t.equal((await node.open(call('ping'), session)).status, 404)
  t.match((await reader.rest()).at(-1)?.message, LOST)
})

t.test('C-26: the storage forgets only the streams: a silent call ends with an error, the GET stream goes on', async t => {
  const { storage, node, session, id, reply } = await silentCall(t, true)
  const standalone = await listen(node, session)
  const reader = readEvents(await reply)
  await storage.events.deleteSession(id)
  t.match((await reader.rest()).at(-1)?.message, LOST)
  await node.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  const priming = await standalone.next()
  t.equal(priming?.data, '')
  t.match((await standalone.next())?.message, { method: 'notifications/tools/list_changed' })
  t.equal((await node.open(call('ping'), session)).status, 200)
})
