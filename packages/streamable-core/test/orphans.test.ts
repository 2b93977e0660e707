import { mcpStorage, memoryStorage, type EventStore } from '@mcp/storage'
import t from 'tap'
import { answering, call, readAnswer, readEvents, startApp } from './helper.ts'
import { progress, puppet, resume } from './session-client.ts'

/** Two nodes on one storage; the request of the first one notifies once and then never ends. */
async function twoNodes (t: Parameters<typeof startApp>[0]) {
  const storage = memoryStorage()
  const shared = { ...storage, close: async () => {} }
  t.teardown(() => storage.close())
  const application = answering({
    hang: async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 7, progress: 1 } })
      return undefined
    }
  })
  const options = { application, closeTimeoutMs: 50 }
  const prepare: Parameters<typeof startApp>[3] = app => app.register(mcpStorage, { storage: shared })
  return { storage, a: await startApp(t, options, {}, prepare), b: await startApp(t, options, {}, prepare) }
}

t.test('a request that ran on a node that died ends with an error where the client resumes', async t => {
  const { storage, a, b } = await twoNodes(t)
  const session = await a.initialize()
  const gone = new AbortController()
  const running = await a.open(call('hang', {}, 7), session, gone.signal)
  const reader = running.body?.getReader()
  const decoder = new TextDecoder()
  let seen = ''
  while (!seen.includes('notifications/progress')) seen += decoder.decode((await reader?.read())?.value)
  gone.abort()
  const lastEventId = /id: (\S+_1)\n/.exec(seen)?.[1] ?? ''

  await storage.nodes.leave(a.app.mcpSessions.node)
  const resumed = await readAnswer(await fetch(b.url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': lastEventId } }))
  t.equal(resumed.status, 200)
  t.equal(resumed.messages.length, 1, 'nothing is repeated')
  t.match(resumed.message, { id: 7, error: { code: -32603, message: /node that ran this request is gone/ } })

  const again = await readAnswer(await fetch(b.url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': lastEventId } }))
  t.match(again.messages, resumed.messages, 'whoever asks again hears the same')
})

t.test('a request that runs on another living node is waited for', async t => {
  const { a, b } = await twoNodes(t)
  const session = await a.initialize()
  const gone = new AbortController()
  const running = await a.open(call('hang', {}, 7), session, gone.signal)
  const id = /id: (\S+_0)\n/.exec(new TextDecoder().decode((await running.body?.getReader().read())?.value))?.[1]
  t.ok(id, 'the stream was primed')
  gone.abort()
  const resumed = await fetch(b.url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': String(id) } })
  const text = new TextDecoder()
  const reader = resumed.body?.getReader()
  let seen = ''
  while (!seen.includes('notifications/progress')) seen += text.decode((await reader?.read())?.value)
  t.notMatch(seen, /error/)
  await reader?.cancel()
})

t.test('C-9, C-27: a stream the store did not take ends with an error for who comes back', async t => {
  const memory = memoryStorage()
  t.teardown(() => memory.close())
  const { application, requests } = puppet()
  let full = false
  const append: EventStore['append'] = async (...args) => {
    if (full) throw new Error('disk full')
    return memory.events.append(...args)
  }
  const { open, read, deleteSession } = memory.events
  const events: EventStore = {
    open: open.bind(memory.events), read: read.bind(memory.events), deleteSession: deleteSession.bind(memory.events), append
  }
  const storage = { ...memory, events, close: async () => {} }
  const prepare: Parameters<typeof startApp>[3] = app => app.register(mcpStorage, { storage })
  const [writer, reader] = [await startApp(t, { application }, {}, prepare), await startApp(t, { application }, {}, prepare)]
  const session = await writer.initialize()
  const reply = writer.open(call('work', {}, 7), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const first = readEvents(await reply)
  await first.next()
  const lastEventId = (await first.next())?.id

  full = true
  exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: 2 } })
  await first.rest().catch(() => {})
  t.ok(exchange.signal.aborted, 'the application is told')
  // It waits for a stream whose node lives.
  const waiting = await resume(reader, session, lastEventId)
  full = false
  const error = { id: 7, error: { code: -32603, message: /could not be stored/ } }
  const heard = (await waiting.rest()).filter(event => event.data !== '')
  t.match(heard.map(({ message }) => message), [error])
  t.match((await (await resume(writer, session, lastEventId)).rest()).map(({ message }) => message), [error], 'on whatever node')
})

t.test('a draining endpoint takes no new sessions and serves the others', async t => {
  const { app, rpc, initialize } = await startApp(t)
  const session = await initialize()
  app.mcp.drain()
  const refused = await rpc({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {} } })
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '1')
  t.same((await rpc(call('ping'), session)).message.result, {})
})
