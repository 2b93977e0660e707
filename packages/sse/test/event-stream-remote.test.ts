/** The writing end over a store that answers later. */
import { memoryStorage, type EventStore } from '@mcp/storage'
import t from 'tap'
import { EventStream, type CloseReason } from '../src/index.ts'
import { remote, Sink, until } from './helper.ts'

const OWNER = { node: 'n', requestIds: [1] }

async function streaming (t: { teardown (end: () => Promise<void>): void }, wrap: (events: EventStore) => EventStore) {
  const storage = memoryStorage({ events: { maxEvents: 100_000 } })
  t.teardown(() => storage.close())
  await storage.events.open('session', 'stream', OWNER)
  const heard = { stored: 0, over: new Array<CloseReason>(), errors: new Array<unknown>() }
  const stream = new EventStream({ events: wrap(storage.events), session: 'session', stream: 'stream' }, {
    onStored: () => { heard.stored++ },
    onOver: reason => { heard.over.push(reason) },
    onError: error => { heard.errors.push(error) }
  })
  const sink = new Sink()
  stream.attach(sink.connection)
  return { storage, heard, stream, sink }
}

t.test('C-27: order and numbers hold however late the store answers', async t => {
  let turn = 0
  const { stream, sink, heard, storage } = await streaming(t, events => remote(events, () => (turn = (turn * 7 + 3) % 5)))
  const count = 500
  for (let n = 1; n <= count; n++) {
    stream.send(String(n), n === count)
    if (n % 3 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await until(() => sink.ended, 'the stream has ended')
  t.same(sink.events(), Array.from({ length: count }, (_, index) => ({ id: `stream_${index + 1}`, data: String(index + 1) })))
  t.match(await storage.events.read('session', 'stream', count, 1), { events: [], ended: true })
  t.same(heard, { stored: 0, over: ['ended'], errors: [] })
})

t.test('at most one append is under way, and the end is said once', async t => {
  let running = 0
  let most = 0
  const appends: Array<readonly [number, boolean]> = []
  const { stream, sink } = await streaming(t, events => {
    const later = remote(events)
    return {
      ...later,
      async append (session, name, messages, ended) {
        appends.push([messages.length, ended])
        most = Math.max(most, ++running)
        const position = await later.append(session, name, messages, ended)
        running--
        return position
      }
    }
  })
  stream.send('1', false)
  await new Promise(resolve => setImmediate(resolve))
  stream.send('2', false)
  stream.send('3', true)
  await until(() => sink.ended, 'the stream has ended')
  t.equal(most, 1)
  t.same(appends, [[1, false], [2, true]])
})

t.test('a stream that ends while its last message is on the way ends after it', async t => {
  const { stream, sink } = await streaming(t, remote)
  stream.send('1', false)
  await new Promise(resolve => process.nextTick(resolve))
  stream.end()
  await until(() => sink.ended, 'the stream has ended')
  t.same(sink.events().map(event => event.data), ['1'])
})

t.test('C-27: a connection that is let go while the store works loses nothing', async t => {
  const { stream, sink, storage, heard } = await streaming(t, remote)
  stream.send('1', false)
  await new Promise(resolve => process.nextTick(resolve))
  stream.send('2', false)
  stream.release('')
  await until(() => heard.stored >= 2, 'both were stored')
  t.same(sink.events(), [])
  t.match(await storage.events.read('session', 'stream', 0, 9), { events: [{ message: '1' }, { message: '2' }], ended: false })
})

t.test('C-6: a sender waits for a store that is slow', async t => {
  let release = () => {}
  const gate = new Promise<void>(resolve => { release = resolve })
  const { stream, sink } = await streaming(t, events => ({
    ...remote(events),
    append: (...args) => gate.then(() => events.append(...args))
  }))
  await stream.send('x'.repeat(20_000), false)
  let room = false
  const waiting = stream.send('y'.repeat(70_000), false).then(() => { room = true })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(room, false)
  release()
  await waiting
  await until(() => sink.events().length === 2, 'both arrived')
})

t.test('C-6: a sender that never waits is stopped before memory is', async t => {
  const { stream, heard } = await streaming(t, events => ({ ...remote(events), append: () => new Promise(() => {}) }))
  for (let n = 0; n < 20; n++) stream.send('x'.repeat(1024 * 1024), false)
  t.match(heard.errors, [{ message: /too slowly/ }])
  t.equal(heard.errors.length, 1)
  t.equal(stream.live, false)
})

t.test('C-27: a store that fails later ends the stream once', async t => {
  const failure = new Error('connection lost')
  const { stream, heard, sink } = await streaming(t, events => ({
    ...remote(events),
    append: () => new Promise((_resolve, reject) => setImmediate(reject, failure))
  }))
  const waiting = [stream.send('x'.repeat(70_000), false), stream.send('y'.repeat(70_000), false)]
  await Promise.all(waiting)
  t.same(heard.errors, [failure])
  t.same(heard.over, ['peer'])
  t.same(sink.events(), [])
})

t.test('a stream that is given up says when nothing of it is on its way any more', async t => {
  let release: () => void = () => {}
  const gate = new Promise<void>(resolve => { release = resolve })
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  await storage.events.open('session', 'stream', OWNER)
  const events: EventStore = { ...remote(storage.events), append: async (...args) => gate.then(() => storage.events.append(...args)) }
  const heard: string[] = []
  const stream = new EventStream({ events, session: 'session', stream: 'stream' }, {
    onError: (_error, quiet) => {
      heard.push('error')
      quiet.then(async () => heard.push(`quiet, ${await storage.events.append('session', 'stream', [], false)} stored`))
    }
  })
  stream.send('1', false)
  await new Promise(resolve => process.nextTick(resolve))
  stream.send('x'.repeat(16 * 1024 * 1024 + 1), false)
  stream.send('2', false)
  t.same(heard, ['error'], 'too much waits')
  release()
  await until(() => heard.length > 1, 'the append was made')
  t.same(heard, ['error', 'quiet, 1 stored'])
})
