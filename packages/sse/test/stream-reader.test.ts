import { memoryStorage, type EventBounds, type EventStore } from '@mcp/storage'
import t from 'tap'
import { messageFrame, StreamReader, type SseConnection, type StreamTarget } from '../src/index.ts'
import { remote, Sink, until } from './helper.ts'

const OWNER = { node: null, requestIds: [] }

function reading (t: { teardown (end: () => Promise<void>): void }, bounds: Partial<EventBounds> = {}) {
  const storage = memoryStorage({ events: { maxEvents: 100_000, ...bounds } })
  t.teardown(() => storage.close())
  storage.events.open('session', 'stream', OWNER)
  const errors: unknown[] = []
  const from = (after: number, connection: SseConnection, events: EventStore = storage.events) =>
    new StreamReader({ events, session: 'session', stream: 'stream' }, after, connection, { onError: error => errors.push(error) })
  const append = (...messages: string[]) => storage.events.append('session', 'stream', messages, false)
  const end = () => storage.events.append('session', 'stream', [], true)
  return { errors, from, append, end, events: storage.events }
}

/** Ids 1 … last, each once, in order. */
const numbered = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => ({
  id: `stream_${first + index}`, data: String(first + index)
}))

t.test('C-24: replays what came later, and no more', async t => {
  const { from, append } = reading(t)
  append('1', '2', '3')
  const sink = new Sink()
  const reader = from(1, sink.connection)
  reader.wake()
  await until(() => reader.position === 3, 'it caught up')
  t.same(sink.events(), numbered(2, 3))
  t.ok(sink.connection.open)
})

t.test('C-24: follows what comes after', async t => {
  const { from, append } = reading(t)
  const sink = new Sink()
  const reader = from(0, sink.connection)
  for (let n = 1; n <= 3; n++) {
    append(String(n))
    reader.wake()
    await until(() => reader.position === n, 'it followed')
  }
  t.same(sink.events(), numbered(1, 3))
})

t.test('C-28: a stream that has ended is replayed to its end and closed', async t => {
  const { from, append, end, errors } = reading(t)
  append('1', '2', '3')
  end()
  for (const after of [0, 2, 3]) {
    const sink = new Sink()
    from(after, sink.connection).wake()
    await until(() => sink.ended, 'it was closed')
    t.same(sink.events(), numbered(after + 1, 3), `after ${after}`)
  }
  t.same(errors, [])
})

t.test('C-28: a stream that ends while it is followed is closed', async t => {
  const { from, append, end } = reading(t)
  const sink = new Sink()
  const reader = from(0, sink.connection)
  append('1')
  reader.wake()
  end()
  reader.wake()
  await until(() => sink.ended, 'it was closed')
  t.same(sink.events(), numbered(1, 1))
})

t.test('a long stream is read page by page', async t => {
  const { from, append, end } = reading(t)
  append(...Array.from({ length: 1000 }, (_, index) => String(index + 1)))
  end()
  const sink = new Sink()
  from(0, sink.connection).wake()
  await until(() => sink.ended, 'it was read to the end')
  t.same(sink.events(), numbered(1, 1000))
})

t.test('C-26: a stream that lost its next event is not continued', async t => {
  const { from, append, errors } = reading(t, { maxEvents: 2 })
  append('1', '2', '3', '4')
  const sink = new Sink()
  from(1, sink.connection).wake()
  await until(() => sink.ended, 'it was closed')
  t.same(sink.events(), [])
  t.match(errors, [{ message: 'stream stream cannot be continued after event 1' }])
})

t.test('C-26: a reader that is told what to say says it and ends, or goes on where it is told to', async t => {
  const { append, events } = reading(t, { maxEvents: 2 })
  append('1', '2', '3', '4')
  const target: StreamTarget = { events, session: 'session', stream: 'stream' }
  const told = new Sink()
  new StreamReader(target, 1, told.connection, { onError: error => t.error(error), onLost: after => `data: lost after ${after}\n\n` }).wake()
  await until(() => told.ended, 'it was closed')
  t.match(told.events(), [{ data: 'lost after 1' }])
  const going = new Sink()
  new StreamReader(target, 1, going.connection, { onError: error => t.error(error), onLost: async () => 2 }).wake()
  await until(() => going.events().length === 2, 'it goes on')
  t.same(going.events(), numbered(3, 4))
})

t.test('C-26: nor is one that was trimmed while its reader stalled', async t => {
  const { from, append, errors } = reading(t, { maxEvents: 2 })
  const sink = new Sink(16)
  const reader = from(0, sink.connection)
  append('1')
  sink.stall()
  reader.wake()
  await until(() => sink.connection.full, 'it stalls')
  append('2', '3', '4')
  reader.wake()
  sink.take()
  await until(() => errors.length === 1, 'it was given up')
  t.same(sink.events(), numbered(1, 1))
})

t.test('a store that fails ends the connection and is reported', async t => {
  const { from, errors, events } = reading(t)
  const failure = new Error('connection lost')
  const sink = new Sink()
  const reader = from(0, sink.connection, { ...remote(events), read: () => Promise.reject(failure) })
  reader.wake()
  await until(() => errors.length === 1, 'it was reported')
  t.same(errors, [failure])
  t.notOk(sink.connection.open)
  reader.wake()
  t.equal(errors.length, 1)
})

t.test('C-27: the next message is written at once when nothing stands before it', async t => {
  const { from, append } = reading(t)
  const sink = new Sink()
  const reader = from(0, sink.connection)
  reader.offer('1', Number(append('1')))
  t.same(sink.events(), numbered(1, 1))
  append('2')
  reader.offer('3', Number(append('3')))
  await until(() => reader.position === 3, 'what stood before was found')
  t.same(sink.events(), numbered(1, 3))
  reader.offer('3', 3)
  await new Promise(resolve => setImmediate(resolve))
  t.same(sink.events(), numbered(1, 3), 'an old one is not repeated')
})

t.test('C-6: a reader that does not read is not written to', async t => {
  const { from, append } = reading(t)
  const sink = new Sink(1024)
  const reader = from(0, sink.connection)
  sink.stall()
  sink.connection.write(messageFrame('x'.repeat(2000)))
  const written = sink.text.length
  for (let n = 1; n <= 50; n++) reader.offer(String(n), Number(append(String(n))))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(sink.text.length, written)
  sink.take()
  await until(() => reader.position === 50, 'it went on')
  t.same(sink.events().slice(1), numbered(1, 50))
})

/** Appends, offers and wakes from several sides while the reader reads, over a store of any speed. */
async function race (t: Parameters<typeof reading>[0], seed: number, wrap: (events: EventStore) => EventStore) {
  const { from, append, end, events, errors } = reading(t)
  let state = seed
  const random = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % below
  const sink = new Sink(4096)
  const count = 400
  append('1', '2', '3')
  const reader = from(random(4), sink.connection, wrap(events))
  const start = reader.position
  reader.wake()
  for (let n = 4; n <= count; n++) {
    const position = Number(append(String(n)))
    const move = random(10)
    if (move < 4) reader.offer(String(n), position)
    else if (move < 8) reader.wake()
    if (move === 8) sink.stall()
    if (move === 9) sink.take()
    for (let ticks = random(4); ticks > 0; ticks--) await null
    if (random(5) === 0) await new Promise(resolve => setImmediate(resolve))
  }
  sink.take()
  await append(String(count + 1))
  end()
  reader.wake()
  await until(() => sink.ended, `race ${seed} is over`)
  return { got: sink.events(), want: numbered(start + 1, count + 1), errors }
}

t.test('C-27: neither gap nor duplicate while others write, whatever the store', async t => {
  for (let seed = 1; seed <= 20; seed++) {
    for (const [name, wrap] of [['memory', (events: EventStore) => events], ['remote', (events: EventStore) => remote(events)]] as const) {
      const { got, want, errors } = await race(t, seed, wrap)
      t.same(got, want, `${name}, race ${seed}`)
      t.same(errors, [])
    }
  }
})

t.test('C-27: a wake is never lost, however close to the end of a read it comes', async t => {
  const { from, append, events } = reading(t)
  for (let ticks = 0; ticks < 12; ticks++) {
    const sink = new Sink()
    let finished = () => {}
    const store: EventStore = {
      ...remote(events),
      async read (...args) {
        const page = await events.read(...args)
        finished()
        return page
      }
    }
    const before = Number(append('x'))
    const reader = from(before - 1, sink.connection, store)
    const read = new Promise<void>(resolve => { finished = resolve })
    reader.wake()
    await read
    for (let tick = 0; tick < ticks; tick++) await null
    append('y')
    reader.wake()
    await until(() => reader.position === before + 1, `a wake after ${ticks} ticks is heard`)
    sink.connection.end()
  }
  t.pass('all were heard')
})
