import { memoryStorage, type EventStore } from '@mcp/storage'
import t from 'tap'
import { EventStream, type CloseReason, type EventStreamHooks, type StreamTarget } from '../src/index.ts'
import { Sink } from './helper.ts'

const OWNER = { node: 'n', requestIds: [1] }

interface Options {
  readonly stored?: boolean
  readonly onForgotten?: () => string
  readonly wrap?: (events: EventStore) => EventStore
}

/** A stream with a store in memory, a connection, and what its hooks heard. */
function streaming (t: { teardown (end: () => Promise<void>): void }, options: Options = {}) {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  storage.events.open('session', 'stream', OWNER)
  const events = options.wrap?.(storage.events) ?? storage.events
  const target: StreamTarget | null = options.stored === false ? null : { events, session: 'session', stream: 'stream' }
  const heard = { stored: 0, over: new Array<CloseReason>(), errors: new Array<unknown>() }
  const hooks: EventStreamHooks = {
    onStored: () => { heard.stored++ },
    onOver: reason => { heard.over.push(reason) },
    onError: error => { heard.errors.push(error) },
    ...(options.onForgotten === undefined ? {} : { onForgotten: options.onForgotten })
  }
  return { storage, heard, stream: new EventStream(target, hooks), sink: new Sink() }
}

/** What runs in the current tick, and after it, is done. */
const settled = () => new Promise(resolve => setImmediate(resolve))

t.test('C-27: a message is stored before it is written', async t => {
  const order: string[] = []
  const wrap = (events: EventStore): EventStore => ({
    ...methodsOf(events),
    append (...args) {
      order.push(`stored with ${sink.text.length} characters written`)
      return events.append(...args)
    }
  })
  const { stream, sink } = streaming(t, { wrap })
  stream.attach(sink.connection)
  const before = sink.text.length
  stream.send('1', false)
  await settled()
  t.same(order, [`stored with ${before} characters written`])
  t.same(sink.events(), [{ id: 'stream_1', data: '1' }])
})

t.test('C-9 C-16: events arrive in order, numbered, and the last one ends the stream', async t => {
  const { stream, sink, storage, heard } = streaming(t)
  stream.attach(sink.connection)
  stream.send('1', false)
  stream.send('2', false)
  await settled()
  stream.send('3', false)
  stream.send('4', true)
  await settled()
  t.same(sink.events().map(({ id, data }) => [id, data]), [['stream_1', '1'], ['stream_2', '2'], ['stream_3', '3'], ['stream_4', '4']])
  t.ok(sink.ended)
  t.same(heard, { stored: 0, over: ['ended'], errors: [] })
  t.match(await storage.events.read('session', 'stream', 0, 10), { events: { length: 4 }, ended: true })
})

t.test('messages of one run of microtasks are moved together', async t => {
  const batches: number[] = []
  const wrap = (events: EventStore): EventStore => ({
    ...methodsOf(events),
    append (session, stream, messages, ended) {
      batches.push(messages.length)
      return events.append(session, stream, messages, ended)
    }
  })
  const { stream, sink } = streaming(t, { wrap })
  stream.attach(sink.connection)
  for (let n = 0; n < 100; n++) await stream.send(String(n), false)
  await settled()
  stream.send('last', true)
  await settled()
  t.same(batches, [100, 1], 'and the end is said once')
})

t.test('a large run is moved before it is over', async t => {
  const { stream, sink } = streaming(t)
  stream.attach(sink.connection)
  stream.send('x'.repeat(20_000), false)
  t.equal(sink.events().length, 1)
})

t.test('C-32: without a target nothing is stored and events carry no ids', async t => {
  const { stream, sink, storage, heard } = streaming(t, { stored: false })
  t.equal(stream.live, false)
  stream.attach(sink.connection)
  t.equal(stream.live, true)
  t.equal(stream.connection, sink.connection)
  stream.send('1', false)
  stream.send('2', true)
  await settled()
  t.same(sink.events(), [{ id: undefined, data: '1' }, { id: undefined, data: '2' }])
  t.ok(sink.ended)
  t.match(await storage.events.read('session', 'stream', 0, 1), { events: [] })
  t.equal(heard.stored, 0)
})

t.test('C-12: a lost connection leaves the stream to the store', async t => {
  const { stream, sink, storage, heard } = streaming(t)
  stream.attach(sink.connection)
  stream.send('1', false)
  await settled()
  sink.connection.abort('peer')
  t.same(heard.over, ['peer'])
  t.equal(stream.connection, null)
  t.equal(stream.live, true)
  await stream.send('2', false)
  await settled()
  await stream.send('3', true)
  await settled()
  t.match(await storage.events.read('session', 'stream', 1, 9), { events: [{ message: '2' }, { message: '3' }], ended: true })
  t.equal(heard.stored, 2, 'readers elsewhere are told, once for each run')
})

t.test('C-35: nothing follows the end', async t => {
  const { stream, sink, storage, heard } = streaming(t)
  stream.attach(sink.connection)
  stream.send('1', true)
  await stream.send('2', false)
  stream.end()
  await settled()
  t.same(sink.events().map(event => event.data), ['1'])
  t.match(await storage.events.read('session', 'stream', 0, 9), { events: { length: 1 } })
  t.equal(heard.stored, 0)
})

t.test('a stream ends without a last message', async t => {
  const { stream, sink, storage } = streaming(t)
  stream.attach(sink.connection)
  stream.send('1', false)
  stream.end()
  await settled()
  t.ok(sink.ended)
  t.match(await storage.events.read('session', 'stream', 0, 9), { events: { length: 1 }, ended: true })
})

t.test('C-15: letting the connection go keeps the stream', async t => {
  const { stream, sink, storage, heard } = streaming(t)
  stream.attach(sink.connection)
  stream.send('1', false)
  stream.release('retry: 5\n\n')
  await settled()
  t.match(sink.text, /data: 1\n\nretry: 5\n\n$/, 'what was sent so far is written first')
  t.ok(sink.ended)
  t.same(heard.over, ['ended'])
  stream.send('2', true)
  await settled()
  t.match(await storage.events.read('session', 'stream', 1, 9), { events: [{ message: '2' }], ended: true })
  t.equal(heard.stored, 1)
})

t.test('a released stream may be carried on by another connection', async t => {
  const { stream, sink } = streaming(t)
  stream.attach(sink.connection)
  stream.release('')
  const next = new Sink()
  stream.attach(next.connection)
  stream.send('1', false)
  await settled()
  t.same(next.events(), [{ id: 'stream_1', data: '1' }])
})

t.test('C-6: a sender waits while its reader does not read', async t => {
  const { stream, heard } = streaming(t)
  const sink = new Sink(1024)
  stream.attach(sink.connection)
  sink.stall()
  let room = 0
  const waiting = ['x'.repeat(20_000), '2'].map(json => stream.send(json, false).then(() => { room++ }))
  await settled()
  t.equal(room, 0)
  sink.take()
  await Promise.all(waiting)
  t.equal(room, 2)
  t.same(heard.errors, [])
})

t.test('C-6: a sender does not wait for a reader that went away', async t => {
  const { stream } = streaming(t)
  const sink = new Sink(1024)
  stream.attach(sink.connection)
  sink.stall()
  const waiting = ['x'.repeat(20_000), '2', '3'].map(json => stream.send(json, false))
  sink.connection.abort('overflow')
  await Promise.all(waiting)
  t.pass('it went on')
})

t.test('a session that ended meanwhile takes nothing: the connection ends, and other readers look', async t => {
  const { stream, sink, storage, heard } = streaming(t)
  stream.attach(sink.connection)
  await storage.events.deleteSession('session')
  stream.send('1', true)
  await settled()
  t.same(sink.events(), [])
  t.same(heard, { stored: 1, over: ['ended'], errors: [] })
})

t.test('C-26: a stream finds that the store forgot it, and ends with what it is told to say', async t => {
  const { stream, sink, storage } = streaming(t, { onForgotten: () => 'data: forgotten\n\n' })
  stream.attach(sink.connection)
  await stream.send('1', false)
  await settled()
  await stream.verify()
  t.ok(stream.live, 'the store knows it')
  await storage.events.deleteSession('session')
  await stream.verify()
  await settled()
  t.match(sink.events(), [{ data: '1' }, { data: 'forgotten' }])
  t.ok(sink.ended)
  t.notOk(stream.live)
})

t.test('C-27: what cannot be stored is not written, and the stream is over', async t => {
  const failure = new Error('disk full')
  const wrap = (events: EventStore): EventStore => ({ ...methodsOf(events), append () { throw failure } })
  const { stream, sink, heard } = streaming(t, { wrap })
  stream.attach(sink.connection)
  await stream.send('1', false)
  await settled()
  t.same(sink.events(), [])
  t.same(heard.errors, [failure])
  t.same(heard.over, ['peer'])
  t.equal(stream.live, false)
  await stream.send('2', true)
  stream.end()
  await settled()
  t.equal(heard.errors.length, 1, 'said once')
})

function methodsOf (events: EventStore): EventStore {
  return {
    open: (...args) => events.open(...args),
    append: (...args) => events.append(...args),
    read: (...args) => events.read(...args),
    deleteSession: session => events.deleteSession(session)
  }
}
