import t from 'tap'
import { node, Recorder, running, STORAGES, memory, until } from './helper.ts'

for (const [kind, make] of STORAGES) {
  t.test(`D-11: a session nobody uses ends, ${kind} storage`, async t => {
    const storage = make(t)
    const { sessions, endpoint, opened, logs } = node(t, storage, { idleMs: 60 })
    const session = await opened()
    let closed = false
    session.onClose(() => { closed = true })
    await storage.events.open(session.id, 's', { node: null, requestIds: [] })
    await until(() => closed, 'it ended')
    t.equal(await sessions.find(endpoint, '', session.id), null)
    await until(() => logs.length > 0, 'it was logged')
    t.match(logs, [{ message: 'session ended', details: { reason: 'expired' } }])
    t.equal(await storage.events.read(session.id, 's', 0, 1), null, 'its events went with it')
    t.same([...sessions.live()], [])
  })
}

/** Long enough that a machine under load does not mistake its own pauses for idleness. */
const IDLE_MS = 1000

t.test('D-11: streams and running requests keep a session, until they are over', async t => {
  const { sessions, opened } = node(t, memory(t), { idleMs: IDLE_MS })
  const [streaming, working, idle] = [await opened(), await opened(), await opened()]
  const [stream, request] = [new Recorder('1'), running(1)]
  await sessions.attach(streaming, stream)
  working.begin(request)
  await until(() => idle.ended, 'the idle one ended')
  const later = Date.now() + IDLE_MS
  await until(() => Date.now() > later, 'more than one idle time has passed')
  t.same([streaming.ended, working.ended], [false, false])
  streaming.detach(stream)
  working.finish(request)
  await until(() => streaming.ended && working.ended, 'they ended, too')
  t.same([stream.heard, request.reasons], [[], []])
})

t.test('D-11: every request moves the end, on whichever node it arrives', async t => {
  const storage = memory(t)
  const [a, b] = [node(t, storage, { idleMs: IDLE_MS }), node(t, storage, { idleMs: IDLE_MS })]
  const session = await a.opened()
  for (let n = 0; n < 5; n++) {
    const later = Date.now() + IDLE_MS / 2.5
    await until(() => Date.now() > later, 'some time has passed')
    t.ok(await b.found(session.id))
  }
  t.equal(session.ended, false, 'the first node heard nothing for two idle times, and asked')
})

t.test('D-11: no session outlives its lifetime, however busy', async t => {
  const { sessions, opened } = node(t, memory(t), { idleMs: 200, lifetimeMs: 500 })
  const session = await opened()
  const [stream, request] = [new Recorder('1'), running(1)]
  await sessions.attach(session, stream)
  session.begin(request)
  await until(() => session.ended, 'it ended')
  t.ok(Date.now() - session.createdAt >= 500)
  t.same([stream.heard, request.reasons], [['close'], ['expired']])
})

t.test('D-12: sessions that expired make room', async t => {
  const { sessions, opened } = node(t, memory(t), { idleMs: 60, maxSessions: 1 })
  const session = await opened()
  t.equal(sessions.full, true)
  await until(() => session.ended, 'it ended')
  t.equal(sessions.full, false)
  t.ok(await opened())
})

t.test('the store hears of activity now and then, not on every request', async t => {
  const storage = memory(t)
  let touches = 0
  const counting = {
    ...storage,
    sessions: {
      create: (...args: Parameters<typeof storage.sessions.create>) => storage.sessions.create(...args),
      read: (id: string) => storage.sessions.read(id),
      touch: (id: string, expiresAt: number) => { touches++; return storage.sessions.touch(id, expiresAt) },
      patchState: (...args: Parameters<typeof storage.sessions.patchState>) => storage.sessions.patchState(...args),
      delete: (id: string) => storage.sessions.delete(id),
      count: () => storage.sessions.count()
    }
  }
  const { opened, found } = node(t, counting)
  const session = await opened()
  for (let n = 0; n < 1000; n++) await found(session.id)
  t.equal(touches, 0)
})
