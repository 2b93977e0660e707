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
  await handle.sync().finally(() => handle.close())
  // Nobody can come in between: who opens the file writes to it, then leaves the mark.
  db.writeNow(() => {
    if (processes.none) markClean(folder)
  })
}
