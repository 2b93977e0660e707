/** Two nodes on one storage. */
import t from 'tap'
import type { JsonRpcMessage, JsonRpcResponse } from '@mcp/protocol'
import type { Storage } from '@mcp/storage'
import { nodeChannel, sessionChannel } from '../src/channel.ts'
import { memory, node, note, ping, Recorder, remote, running, until, type Teardown } from './helper.ts'

/** Each node has its own connection to the storage; through `remote` it answers and delivers later. */
const PAIRS: ReadonlyArray<readonly [name: string, connect: (storage: Storage) => Storage]> = [
  ['memory', storage => storage], ['remote', remote]
]

function pair (t: Teardown, connect: (storage: Storage) => Storage) {
  const storage = memory(t)
  return { storage, a: node(t, connect(storage)), b: node(t, connect(storage)) }
}

const wireId = (message: JsonRpcMessage) => 'id' in message && typeof message.id === 'string' ? message.id : ''

for (const [kind, connect] of PAIRS) {
  t.test(`two nodes, ${kind} storage`, async t => {
    t.test('a session opened on one node is found on the other, with all that was known', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened('ann')
      const same = await b.found(session.id, 'ann')
      t.not(same, session)
      const { id, endpoint, principalKey, revision, handshake, createdAt } = session
      t.match(same, { id, endpoint, principalKey, revision, handshake, createdAt, state: {} })
      t.not(a.sessions.node, b.sessions.node)
    })

    t.test('D-20: a change of state is seen on the other node', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      await b.found(session.id)
      await session.setState({ level: 'debug' })
      t.same((await b.found(session.id)).state, { level: 'debug' })
      await Promise.all([session.setState({ a: 1 }), (await b.found(session.id)).setState({ b: 2 })])
      t.same((await a.found(session.id)).state, { level: 'debug', a: 1, b: 2 }, 'neither overwrites the other')
    })

    t.test('a response POSTed to one node finds its waiter on the other', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      const heard: JsonRpcResponse[] = []
      const sent = a.sessions.outbound.rewrite(session.id, ping(5), { respond: response => heard.push(response) })
      await b.sessions.resolve(await b.found(session.id), { jsonrpc: '2.0', id: wireId(sent), result: { x: 1 } })
      await until(() => heard.length === 1, 'the response arrived')
      t.strictSame(heard, [{ jsonrpc: '2.0', id: 5, result: { x: 1 } }])
      t.equal(a.sessions.outbound.size, 0)
    })

    t.test('H-17: not when it comes in another session', async t => {
      const { a, b } = pair(t, connect)
      const [mine, yours] = [await a.opened('ann'), await a.opened('eve')]
      const heard: JsonRpcResponse[] = []
      const sent = a.sessions.outbound.rewrite(mine.id, ping(5), { respond: response => heard.push(response) })
      const response: JsonRpcResponse = { jsonrpc: '2.0', id: wireId(sent), result: {} }
      await b.sessions.resolve(await b.found(yours.id, 'eve'), response)
      await a.sessions.resolve(yours, response)
      await b.sessions.resolve(await b.found(mine.id, 'ann'), response)
      await until(() => heard.length > 0, 'that of the right session arrived')
      t.equal(heard.length, 1)
    })

    t.test('A-37: a response for a node that is gone, or for nobody, is dropped', async t => {
      const { a } = pair(t, connect)
      const session = await a.opened()
      for (const id of ['0123456789ab.1', 'x', 5, '']) await a.sessions.resolve(session, { jsonrpc: '2.0', id, result: {} })
      t.same(a.logs, [])
    })

    t.test('A-58 A-4: a cancellation reaches the request wherever it runs', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      const there = await b.found(session.id)
      const [here, far, other] = [running('q'), running('q'), running('r')]
      session.begin(here)
      there.begin(far)
      there.begin(other)
      await there.subscription
      await session.subscription
      await a.sessions.cancel(session, 'q', 'changed my mind')
      await until(() => far.reasons.length > 0, 'it was heard there')
      t.same([here.reasons[0], far.reasons[0], other.reasons], ['changed my mind', 'changed my mind', []])
    })

    t.test('D-10: termination on one node ends the session on the other', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      const there = await b.found(session.id)
      const [stream, request] = [new Recorder('1'), running(1)]
      let closed = 0
      await b.sessions.attach(there, stream)
      there.begin(request)
      there.onClose(() => closed++)
      await session.terminate('DELETE')
      await until(() => there.ended, 'it was heard there')
      t.same([stream.heard, request.reasons, closed], [['close'], ['DELETE'], 1])
      t.equal(await b.sessions.find(b.endpoint, '', session.id), null)
      t.same([...b.sessions.live()], [])
    })

    t.test('C-20 C-30: a stream taken over on one node is closed on the other', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      const there = await b.found(session.id)
      const [older, newer] = [new Recorder('1'), new Recorder('2')]
      await a.sessions.attach(session, older)
      await b.sessions.attach(there, newer)
      await until(() => older.heard.length > 0, 'the older one heard of it')
      t.same([older.heard, newer.heard], [['close'], []])
    })

    t.test('C-17: a message for the standalone stream is delivered where the GET is held', async t => {
      const { a, b, storage } = pair(t, connect)
      const session = await a.opened()
      const there = await b.found(session.id)
      const stream = new Recorder('1')
      await b.sessions.attach(there, stream)
      await session.send(note(1))
      await until(() => stream.heard.length > 0, 'it was woken')
      t.same(stream.heard, ['wake'])
      t.match(await storage.events.read(session.id, 'standalone', 0, 9), { events: [{ position: 1, message: JSON.stringify(note(1)) }] })
      await there.send(note(2))
      t.equal(stream.heard[1], `offer 2 ${JSON.stringify(note(2))}`, 'and handed over at once where it was sent')
    })

    t.test('C-15: a stream is let go wherever it is held', async t => {
      const { a, b } = pair(t, connect)
      const session = await a.opened()
      const there = await b.found(session.id)
      const stream = new Recorder('1')
      await b.sessions.attach(there, stream)
      session.detachStandalone(500)
      await until(() => stream.heard.length > 0, 'it was heard there')
      there.detachStandalone()
      t.same(stream.heard, ['release 500', 'release undefined'])
    })

    t.test('C-11: a request on the standalone stream is answered where it was sent', async t => {
      const { a, b, storage } = pair(t, connect)
      const session = await a.opened()
      await session.send(ping(3))
      const page = await storage.events.read(session.id, 'standalone', 0, 9)
      const sent = JSON.parse(page?.events[0]?.message ?? '{}')
      t.not(sent.id, 3)
      await b.sessions.resolve(await b.found(session.id), { jsonrpc: '2.0', id: sent.id, result: {} })
      await until(() => a.responses.length === 1, 'the response arrived')
      t.strictSame(a.responses, [{ jsonrpc: '2.0', id: 3, result: {} }])
      t.same(b.responses, [])
    })

    t.test('garbage on the channels harms nobody', async t => {
      const { a, storage } = pair(t, connect)
      const session = await a.opened()
      await session.subscription
      for (const text of ['', '{', '{"kind":"x"}', '{"session":1}']) {
        await storage.bus.publish(sessionChannel(session.id), text)
        await storage.bus.publish(nodeChannel(a.sessions.node), text)
      }
      t.equal(session.ended, false)
      t.same(a.logs, [])
    })
  })
}
