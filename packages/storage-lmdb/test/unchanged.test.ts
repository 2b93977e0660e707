/** A record that nobody changed is not looked at again; one that anybody changed always is. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { lmdbStorage } from '../src/index.ts'
import { openDatabase } from '../src/open-database.ts'
import { LmdbSessions } from '../src/lmdb-sessions.ts'
import { SessionTable } from '../src/session-table.ts'
import { Peer } from './helper/peer.ts'
import { PLENTY, sessionRecord } from './helper/records.ts'
import { setNoteBack } from './helper/set-note-back.ts'

const STEPS = 200
const IDS = ['s0', 's1', 's2', 's3']

t.test('while nobody writes, a session is read once; after any write, once more', async t => {
  const db = openDatabase(t.testdir(), 'process')
  t.teardown(() => db.close())
  const sessions = new LmdbSessions(db, new SessionTable(db, () => {}))
  for (const id of IDS) await sessions.create(sessionRecord(id), PLENTY)
  const looks = t.capture(db, 'get', db.get.bind(db))
  const readAll = (): number => {
    for (let round = 0; round < 3; round++) for (const id of IDS) t.equal(sessions.read(id)?.id, id)
    return looks().length
  }
  readAll()
  t.equal(readAll(), 0)
  await sessions.touch('s0', Date.now() + 700_000)
  looks()
  t.equal(readAll(), IDS.length)
  t.equal(readAll(), 0)
})

t.test('a session that expires is unknown, though nobody writes', async t => {
  const storage = lmdbStorage({ path: t.testdir() })
  t.teardown(() => storage.close())
  await storage.sessions.create(sessionRecord('s', { expiresAt: Date.now() + 60_000 }), PLENTY)
  t.equal((await storage.sessions.read('s'))?.id, 's')
  const later = Date.now() + 60_000
  t.capture(Date, 'now', () => later)
  t.equal(await storage.sessions.read('s'), undefined)
})

t.test('two processes write by turns, LMDB forgets commits, and both read what was acknowledged last', async t => {
  const peer = new Peer()
  t.teardown(() => peer.stop())
  const path = t.testdir()
  const here = lmdbStorage({ path })
  const there = await peer.open({ path })
  t.teardown(async () => {
    await here.close()
    await there.close()
  })
  const known = new Map<string, number | undefined>()
  for (let step = 0; step < STEPS; step++) {
    // The same in every run.
    const [dice = 0, which = 0, what = 0, back = 0] = createHash('sha256').update(String(step)).digest()
    const id = IDS[which % IDS.length] ?? ''
    const { sessions } = dice % 2 === 0 ? here : there
    if (what < 20) {
      await sessions.delete(id)
      known.delete(id)
    } else if (!known.has(id)) {
      await sessions.create(sessionRecord(id, { state: { step } }), PLENTY)
      known.set(id, step)
    } else if (what < 200) {
      await sessions.patchState(id, { step })
      known.set(id, step)
    } else await sessions.touch(id, Date.now() + 600_000 + step)
    if (back < 4) setNoteBack(path, 1 + back)
    for (const each of IDS) {
      const seen = [await here.sessions.read(each), await there.sessions.read(each)].map(record => record?.state.step)
      if (seen.some(state => state !== known.get(each))) t.fail(`step ${step}, ${each}`, { seen, known: known.get(each) })
    }
  }
  t.ok(known.size > 0)
})
