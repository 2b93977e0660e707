import t from 'tap'
import type { Storage } from '@mcp/storage'
import { memory, node, note, ping, Recorder, STORAGES } from './helper.ts'

for (const [kind, make] of STORAGES) {
  t.test(`C-17 C-27: messages for the standalone stream are kept in order, ${kind} storage`, async t => {
    const storage = make(t)
    const { opened } = node(t, storage)
    const session = await opened()
    await Promise.all([1, 2, 3].map(n => session.send(note(n))))
    const stream = new Recorder('1')
    session.attach(stream)
    await session.send(note(4))
    const page = await storage.events.read(session.id, 'standalone', 0, 9)
    t.same(page?.events.map(event => event.message), [1, 2, 3, 4].map(n => JSON.stringify(note(n))))
    t.same(page?.owner, { node: null, requestIds: [] }, 'any node may write it')
    t.same(stream.heard, [`offer 4 ${JSON.stringify(note(4))}`])
  })
}

t.test('C-19: a response is never put there', async t => {
  const storage = memory(t)
  const { opened, logs } = node(t, storage)
  const session = await opened()
  await session.send({ jsonrpc: '2.0', id: 1, result: {} })
  await session.send({ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } })
  t.equal(await storage.events.read(session.id, 'standalone', 0, 1), null)
  t.match(logs, [{ message: /dropped/ }, { message: /dropped/ }])
})

t.test('C-35: nothing is sent on a session that has ended', async t => {
  const storage = memory(t)
  const { opened } = node(t, storage)
  const session = await opened()
  await session.terminate('done')
  await session.send(note(1))
  t.equal(await storage.events.read(session.id, 'standalone', 0, 1), null)
})

t.test('a store that fails loses the message, says so, and disturbs nobody', async t => {
  const storage = memory(t)
  const failing: Storage = {
    ...storage,
    events: {
      open: (...args) => storage.events.open(...args),
      append () { throw new Error('disk full') },
      read: (...args) => storage.events.read(...args),
      deleteSession: id => storage.events.deleteSession(id)
    }
  }
  const { opened, logs } = node(t, failing)
  const session = await opened()
  await session.send(note(1))
  t.match(logs, [{ level: 'error', message: /was lost/, details: { err: { message: 'disk full' } } }])
  t.equal(session.ended, false)
})

t.test('C-11: requests there have ids that name their node, and are cancelled by them', async t => {
  const storage = memory(t)
  const { opened, sessions, responses } = node(t, storage)
  const session = await opened()
  await session.send(ping('a'))
  await session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'a' } })
  const sent = (await storage.events.read(session.id, 'standalone', 0, 9))?.events.map(event => JSON.parse(event.message)) ?? []
  t.match(sent, [{ id: new RegExp(`^${sessions.node}\\.`), method: 'ping' }, { params: { requestId: sent[0].id } }])
  await sessions.resolve(session, { jsonrpc: '2.0', id: sent[0].id, result: {} })
  t.same(responses, [], 'a late response is dropped')
})
