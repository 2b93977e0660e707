import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

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
export function setNoteBack (path: string, commits: number): void {
  // Another process: closing the lock file here would take away the lock of this one.
  execFileSync(process.execPath, ['-e', SET_BACK, join(path, 'data.mdb-lock'), String(commits)])
}
