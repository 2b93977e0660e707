import t from 'tap'
import { node, running, torn, until } from './helper.ts'

t.test('A-58, C-24: a cancellation for a node that is cut off silently reaches its request when the node is back', async t => {
  const { storage, cut, heal } = torn(t)
  const [a, b] = [node(t, storage), node(t, storage)]
  const session = await a.opened()
  const onB = await b.found(session.id)
  const [one, other] = [running('one'), running('other')]
  session.begin(one)
  session.begin(other)
  cut()
  await b.sessions.cancel(onB, 'one', 'changed my mind')
  await b.sessions.cancel(onB, 'nobody', undefined)
  t.strictSame(one.reasons, [])
  heal()
  await until(() => one.reasons.length > 0, 'it was cancelled')
  t.strictSame(one.reasons, ['changed my mind'])
  t.strictSame(other.reasons, [])
})

t.test('A-4: what began later under an id that was cancelled runs on', async t => {
  const { storage, heal } = torn(t)
  const a = node(t, storage)
  const session = await a.opened()
  await a.sessions.cancel(session, 'again', 'the first one')
  const [later, once] = [{ ...running('again'), begunAt: Date.now() + 60_000 }, running('once')]
  session.begin(later)
  session.begin(once)
  await a.sessions.cancel(session, 'once', undefined)
  once.reasons.length = 0
  heal()
  await until(() => once.reasons.length > 0, 'the kept ones were looked at')
  t.strictSame(later.reasons, [])
})

t.test('one of many is found', async t => {
  const { storage, cut, heal } = torn(t)
  const a = node(t, storage)
  const session = await a.opened()
  const last = running(600)
  session.begin(last)
  cut()
  const elsewhere = node(t, storage)
  const same = await elsewhere.found(session.id)
  for (let id = 1; id <= 600; id++) await elsewhere.sessions.cancel(same, id, undefined)
  heal()
  await until(() => last.reasons.length > 0, 'the last was found')
  t.equal(last.reasons[0], 'cancelled by the client')
})

t.test('a bus that loses nothing is not doubted: nothing is kept', async t => {
  const { storage: { bus: { publish, subscribe }, ...rest } } = torn(t)
  const storage = { ...rest, bus: { publish, subscribe } }
  const a = node(t, storage)
  const session = await a.opened()
  await a.sessions.cancel(session, 1, undefined)
  t.equal(await storage.events.read(session.id, 'cancelled:1', 0, 1), null)
})
