import { MCP_STORAGE_UNAVAILABLE, memoryStorage, type EventStore } from '@mcp/storage'
import t from 'tap'
import { StreamAppender } from '../src/stream-appender.ts'

// Pauses keep no process alive, so something else must while the test waits.
const alive = setInterval(() => {}, 1000)
t.teardown(() => clearInterval(alive))

type Append = EventStore['append']

/** A store somewhere else, with an `append` that may fail before or after it took effect. */
function outage (t: { teardown (handler: () => Promise<void>): unknown }, append: (real: Append) => Append) {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  storage.events.open('session', 'stream', { node: 'node', requestIds: [1] })
  const real: Append = async (...args) => storage.events.append(...args)
  const events: EventStore = {
    open: (...args) => storage.events.open(...args),
    read: (...args) => storage.events.read(...args),
    deleteSession: session => storage.events.deleteSession(session),
    append: append(real)
  }
  return { appender: new StreamAppender({ events, session: 'session', stream: 'stream' }), storage }
}

const unavailable = () => new MCP_STORAGE_UNAVAILABLE('out for lunch')

for (const lost of ['before', 'after']) {
  t.test(`C-27: an append that fails ${lost} it took effect is stored once`, async t => {
    let failures = 2
    const { appender, storage } = outage(t, real => async (session, stream, messages, ended, after) => {
      if (messages.length === 0 || failures === 0) return real(session, stream, messages, ended, after)
      failures--
      if (lost === 'after') await real(session, stream, messages, ended, after)
      throw unavailable()
    })
    failures = 0
    t.equal(await appender.append(['"1"'], false), 1)
    failures = lost === 'after' ? 1 : 2
    t.equal(await appender.append(['"2"', '"3"'], false), 3)
    failures = 1
    t.equal(await appender.append(['"4"'], true), 4)
    t.match(storage.events.read('session', 'stream', 0, 10), {
      events: [{ message: '"1"' }, { message: '"2"' }, { message: '"3"' }, { message: '"4"' }], ended: true
    })
  })
}

t.test('a stream whose session ended during the outage is gone', async t => {
  let failing = false
  const { appender, storage } = outage(t, real => async (...args) => {
    if (!failing) return real(...args)
    failing = false
    storage.events.deleteSession('session')
    throw unavailable()
  })
  await appender.append(['"1"'], false)
  failing = true
  t.equal(await appender.append(['"2"'], false), 0)
})

t.test('any other failure is final', async t => {
  const { appender } = outage(t, () => async () => { throw new Error('disk full') })
  await t.rejects(Promise.resolve(appender.append(['"1"'], false)), { message: 'disk full' })
})

t.test('a store that lost what it had acknowledged is no store to go on with', async t => {
  let failing = false
  const { appender } = outage(t, real => async (...args) => failing ? 1 : real(...args))
  await appender.append(['"1"', '"2"'], false)
  failing = true
  await t.rejects(Promise.resolve(appender.append(['"3"'], false)), { message: 'the store holds 1 events of a stream that has 3' })
})

t.test('C-27: an append that takes effect only when it was made again is stored once', async t => {
  const late: Array<() => Promise<number>> = []
  let away = false
  const { appender, storage } = outage(t, real => async (...args) => {
    if (!away) return real(...args)
    away = false
    late.push(async () => real(...args))
    throw unavailable()
  })
  t.equal(await appender.append(['"1"'], false), 1)
  away = true
  t.equal(await appender.append(['"2"', '"3"'], false), 3)
  for (const deliver of late) t.equal(await deliver(), 3)
  t.equal(await appender.append(['"4"'], true), 4)
  t.match(storage.events.read('session', 'stream', 0, 10), {
    events: [{ message: '"1"' }, { message: '"2"' }, { message: '"3"' }, { message: '"4"' }], ended: true
  })
})
