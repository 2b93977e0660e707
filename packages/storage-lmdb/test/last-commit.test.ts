import t from 'tap'
import { lmdbStorage } from '../src/index.ts'
import { PLENTY, sessionRecord } from './helper/records.ts'
import { setNoteBack } from './helper/set-note-back.ts'

for (const commits of [1, 2, 3, 10]) {
  t.test(`what was acknowledged is seen and kept when LMDB forgets the last commits: ${commits}`, async t => {
    const path = t.testdir()
    const storage = lmdbStorage({ path })
    const create = (id: string) => storage.sessions.create(sessionRecord(id), PLENTY)
    for (let number = 0; number < 20; number++) await create(`s${number}`)

    setNoteBack(path, commits)
    t.equal((await storage.sessions.read('s19'))?.id, 's19', 'a read sees it')
    setNoteBack(path, commits)
    t.equal(await create('s20'), 'created')
    for (let number = 21; number < 40; number++) await create(`s${number}`)
    setNoteBack(path, commits)
    const again = lmdbStorage({ path })
    t.equal(await again.sessions.count(), 40)
    for (let number = 0; number < 40; number++) t.equal((await again.sessions.read(`s${number}`))?.id, `s${number}`)
    await again.close()
    await storage.close()

    const later = lmdbStorage({ path })
    t.equal(await later.sessions.count(), 40)
    await later.close()
  })
}
