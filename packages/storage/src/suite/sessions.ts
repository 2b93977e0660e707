import { PLENTY, sessionRecord } from './cases.ts'
import type { Cases } from './cases.ts'

export async function sessionSuite (check: Cases): Promise<void> {
  await check('a created session is read back whole, on every node', async (t, { storage, peer }) => {
    const record = sessionRecord('whole', {
      principalKey: JSON.stringify(['api-key', 'ring', 'Zoë "42"\u2028', null]),
      state: { level: 'info', nested: { list: [1, null, 'ü'] } }
    })
    t.equal(await storage.sessions.create(record, PLENTY), 'created')
    t.same(await storage.sessions.read('whole'), record)
    t.same(await peer.sessions.read('whole'), record)
    t.equal(await storage.sessions.count(), 1)
  })

  await check('an unknown session stays unknown', async (t, { storage: { sessions } }) => {
    await sessions.touch('nobody', Date.now() + 600_000)
    await sessions.patchState('nobody', { level: 'info' })
    t.equal(await sessions.read('nobody'), undefined)
    t.equal(await sessions.delete('nobody'), false)
    t.equal(await sessions.count(), 0)
  })

  await check('touch moves the expiry and nothing else', async (t, { storage, peer }) => {
    const record = sessionRecord('touched', { state: { kept: true } })
    await storage.sessions.create(record, PLENTY)
    const expiresAt = record.expiresAt + 60_000
    await peer.sessions.touch('touched', expiresAt)
    t.same(await storage.sessions.read('touched'), { ...record, expiresAt })
  })

  await check('an expired session is unknown and cannot be revived', async (t, { storage: { sessions }, until }) => {
    await sessions.create(sessionRecord('short'), PLENTY)
    await sessions.touch('short', Date.now() + 30)
    t.ok(await until(async () => await sessions.read('short') === undefined), 'expires')
    await sessions.touch('short', Date.now() + 600_000)
    await sessions.patchState('short', { level: 'info' })
    t.equal(await sessions.read('short'), undefined)
    t.equal(await sessions.delete('short'), false)
    t.equal(await sessions.count(), 0)
  })

  await check('a session is deleted once, for every node', async (t, { storage, peer }) => {
    await storage.sessions.create(sessionRecord('gone'), PLENTY)
    const removed = await Promise.all([storage.sessions.delete('gone'), peer.sessions.delete('gone')])
    t.same(removed.filter(Boolean), [true])
    t.equal(await storage.sessions.read('gone'), undefined)
    t.equal(await peer.sessions.read('gone'), undefined)
    t.equal(await storage.sessions.delete('gone'), false)
    t.equal(await storage.sessions.create(sessionRecord('gone'), PLENTY), 'created')
  })

  await check('patchState replaces, adds and removes keys', async (t, { storage, peer }) => {
    await storage.sessions.create(sessionRecord('state', { state: { level: 'info', old: 1, list: { a: 1 } } }), PLENTY)
    await peer.sessions.patchState('state', { level: 'debug', old: undefined, list: { b: 2 }, added: ['ü\u2028'], absent: undefined })
    const record = await storage.sessions.read('state')
    t.same(record?.state, { level: 'debug', list: { b: 2 }, added: ['ü\u2028'] })
    t.same(Object.keys(record?.state ?? {}).toSorted(), ['added', 'level', 'list'])
  })

  await check('changes made at the same time are all kept', async (t, { storage, peer }) => {
    const record = sessionRecord('busy')
    await storage.sessions.create(record, PLENTY)
    const expiresAt = record.expiresAt + 60_000
    const patches = Array.from({ length: 10 }, (_, index) => [storage, peer][index % 2]?.sessions.patchState('busy', { [`key${index}`]: index }))
    await Promise.all([...patches, peer.sessions.touch('busy', expiresAt)])
    const found = await storage.sessions.read('busy')
    t.equal(Object.keys(found?.state ?? {}).length, 10)
    t.equal(found?.expiresAt, expiresAt)
  })

  await check('records are not shared by reference', async (t, { storage: { sessions } }) => {
    const record = sessionRecord('apart', { state: { list: [1] } })
    const patch = { nested: { deep: 1 } }
    await sessions.create(record, PLENTY)
    await sessions.patchState('apart', patch)
    const wanted = structuredClone({ ...record, state: { ...record.state, ...patch } })
    record.state.list = 'changed'
    record.handshake.clientInfo.name = 'changed'
    patch.nested.deep = 2
    t.same(await sessions.read('apart'), wanted)
    const found = await sessions.read('apart')
    // A frozen record refuses, a copy lets it happen: both keep the stored one as it is.
    try {
      Object.assign(found?.handshake.clientInfo ?? {}, { name: 'changed' })
      Object.assign(found?.state ?? {}, { list: 'changed' })
    } catch (error) {
      t.ok(error instanceof TypeError)
    }
    t.same(await sessions.read('apart'), wanted)
  })

  await check('sessions are isolated from each other', async (t, { storage: { sessions } }) => {
    const [first, second] = [sessionRecord('a'), sessionRecord('a:b', { state: { own: true } })]
    await sessions.create(first, PLENTY)
    await sessions.create(second, PLENTY)
    await sessions.patchState('a', { level: 'debug' })
    await sessions.touch('a', first.expiresAt + 1000)
    t.same(await sessions.read('a:b'), second)
    await sessions.delete('a')
    t.same(await sessions.read('a:b'), second)
    t.equal(await sessions.count(), 1)
  })
}
