import { open } from 'node:fs/promises'
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
  } finally {
    await db.close()
  }
}

async function bringToDisk (db: Database, processes: Processes, folder: string): Promise<void> {
  const handle = await open(db.file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  // Nobody can come in between: who opens the file writes to it, then leaves the mark.
  db.writeNow(() => {
    if (processes.none) markClean(folder)
  })
}
