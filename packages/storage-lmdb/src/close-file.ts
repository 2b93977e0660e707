import { fsyncSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { isMissing } from './file-check.ts'
import { markClean } from './unclean.ts'
import type { Database } from './database.ts'
import type { Processes } from './processes.ts'

/** Closes the file; the last process to do so brings it to the disk first, and takes the mark away that it is in use. */
export async function closeFile (db: Database, processes: Processes, folder: string): Promise<void> {
  try {
    const last = await db.write(() => {
      processes.leave()
      return processes.none
    })
    if (last) await bringToDisk(db, processes, folder)
  } catch (error) {
    // Who removed the folder does not want it kept.
    if (!isMissing(error)) throw error
  } finally {
    await db.close()
  }
}

async function bringToDisk (db: Database, processes: Processes, folder: string): Promise<void> {
  const handle = await open(db.file, 'r+')
  try {
    await handle.sync()
    db.writeNow(() => {
      if (!processes.none) return
      // Again, and while nobody writes: others may have come, written and left during the first time. Little is left to do.
      fsyncSync(handle.fd)
      markClean(folder)
    })
  } finally {
    await handle.close()
  }
}
