import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { lmdbStorage } from '../src/index.ts'
import { PLENTY, sessionRecord } from './helper/records.ts'

const SET_BACK = `
  const { openSync, readSync, writeSync } = require('node:fs')
  const [, file, commits] = process.argv
  const descriptor = openSync(file, 'r+')
  const note = Buffer.alloc(8)
  readSync(descriptor, note, 0, 8, 8)
  note.writeBigUInt64LE(note.readBigUInt64LE() - BigInt(commits))
  writeSync(descriptor, note, 0, 8, 8)
`

/** What a process does that opens the file while others commit, or is killed right after a commit. */
function setNoteBack (path: string, commits: number): void {
  // Another process: closing the lock file here would take away the lock of this one.
  execFileSync(process.execPath, ['-e', SET_BACK, join(path, 'data.mdb-lock'), String(commits)])
}

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
