import t from 'tap'
import { memoryStorage, type Storage } from '@mcp/storage'
import { Inbox } from '../src/index.ts'
import { note, torn, until, type Teardown } from './helper.ts'

/** An inbox with what it took and told. */
async function opened (t: Teardown, storage: Storage) {
  const taken: unknown[] = []
  const errors: unknown[] = []
  let lost = 0
  const inbox = new Inbox(storage, 's', { take: message => taken.push(message), onError: error => errors.push(error), onLost: () => { lost++ } })
  t.teardown(() => inbox.close())
  await inbox.open('node')
  return { inbox, taken, errors, lost: () => lost }
}

t.test('messages come once each and in order, however often it is woken', async t => {
  const { storage } = torn(t)
  const { inbox, taken } = await opened(t, storage)
  const sent = Array.from({ length: 200 }, (_, n) => note(n))
  inbox.wake()
  for (const message of sent) {
    t.equal(await Inbox.put(storage, 's', message), true)
    inbox.wake()
    inbox.wake()
  }
  await until(() => taken.length >= sent.length, 'all came')
  inbox.wake()
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(taken, sent)
})

t.test('more than are read at once are all read after one wake', async t => {
  const { storage } = torn(t)
  const { inbox, taken } = await opened(t, storage)
  await storage.events.append('s', 'inbox', Array.from({ length: 150 }, (_, n) => JSON.stringify(note(n))), false)
  inbox.wake()
  await until(() => taken.length === 150, 'all came')
})

t.test('nobody takes it for a session that is not there, or is over', async t => {
  const { storage } = torn(t)
  t.equal(await Inbox.put(storage, 's', note(1)), false)
  await opened(t, storage)
  await storage.events.deleteSession('s')
  t.equal(await Inbox.put(storage, 's', note(1)), false)
})

t.test('nor where its node is gone, whether the bus can tell or not', async t => {
  const { storage } = torn(t)
  const { inbox } = await opened(t, storage)
  const { bus, ...rest } = storage
  const publish: typeof bus.publish = async (...args) => { await bus.publish(...args) }
  const silent: Storage = { ...rest, bus: { publish, subscribe: (...args) => bus.subscribe(...args) } }
  await storage.nodes.beat('node', 60_000)
  t.equal(await Inbox.put(storage, 's', note(1)), true)
  t.equal(await Inbox.put(silent, 's', note(2)), true)
  await storage.nodes.leave('node')
  t.equal(await Inbox.put(silent, 's', note(3)), false)
  await inbox.close()
  t.equal(await Inbox.put(storage, 's', note(4)), false)
})

t.test('a store that fails is asked again, without another wake', async t => {
  const { storage, failReads } = torn(t)
  const { taken, errors } = await opened(t, storage)
  failReads(2)
  await Inbox.put(storage, 's', note(1))
  await until(() => taken.length === 1, 'it came')
  t.equal(errors.length, 2)
})

t.test('it says when the store no longer has what comes next', async t => {
  const storage = memoryStorage({ events: { maxEvents: 2 } })
  t.teardown(() => storage.close())
  const { inbox, taken, lost } = await opened(t, storage)
  for (let n = 0; n < 4; n++) await storage.events.append('s', 'inbox', [JSON.stringify(note(n))], false)
  inbox.wake()
  await until(() => lost() > 0, 'it was said')
  t.strictSame(taken, [])
})

t.test('closed, it takes nothing more', async t => {
  const { storage } = torn(t)
  const { inbox, taken } = await opened(t, storage)
  await storage.events.append('s', 'inbox', [JSON.stringify(note(1))], false)
  inbox.wake()
  await inbox.close()
  await new Promise(resolve => setTimeout(resolve, 50))
  inbox.wake()
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(taken, [])
})
