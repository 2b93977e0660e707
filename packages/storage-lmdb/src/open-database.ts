import { join } from 'node:path'
import { open } from 'lmdb'
import { Database } from './database.ts'
import { MCP_LMDB_CORRUPTED, MCP_LMDB_FOREIGN_FILE, MCP_LMDB_NOT_OPENED } from './errors.ts'
import { attempt, checkFile, makeFolder } from './file-check.ts'
import { FORMAT_KEY } from './keys.ts'
import { LastCommit } from './last-commit.ts'
import { faultIn } from './page-check.ts'
import { pause } from './pause.ts'
import { leaveUncleanAside } from './unclean.ts'
import type { RootDatabase } from 'lmdb'

const FORMAT = 'mcp-storage-lmdb 1'

/** Address space, not memory. Without it the map is laid out anew whenever the file grows, and the old ones are kept. */
const MAP_BYTES = 2 ** 36

export type Durability = 'process' | 'power'

/** EINVAL, for locks that the last process to close the file took down while this one came in. */
const NO_LOCKS = 22
const PATIENCE_MS = 5000

/**
 * Opens the file in `folder`, or makes it.
 *
 * @throws `MCP_LMDB_NOT_OPENED`, `MCP_LMDB_FOREIGN_FILE`, `MCP_LMDB_CORRUPTED`
 */
export function openDatabase (folder: string, durability: Durability): Database {
  makeFolder(folder)
  const file = join(folder, 'data.mdb')
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    leaveUncleanAside(folder, file)
    const pageSize = checkFile(file, `${file}-lock`)
    try {
      return openFile(file, pageSize, durability)
    } catch (error) {
      if (!hasNoLocks(error)) throw error
      if (Date.now() > deadline) throw Object.assign(new MCP_LMDB_NOT_OPENED(file, 'it is being closed'), { cause: error })
      // Whoever opens it when nobody else has it open makes new locks; several that wait for that must not keep step.
      pause(5 + Math.random() * 20)
    }
  }
}

function openFile (file: string, pageSize: number, durability: Durability): Database {
  const lmdb = attempt(file, () => open<Buffer, Buffer>({
    path: file,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    // Unsynced transactions outlive the process; synced ones outlive the machine and cost a wait for the disk each.
    noSync: durability === 'process',
    overlappingSync: false,
    ...(process.platform === 'win32' ? {} : { mapSize: MAP_BYTES })
  }))
  let lastCommit: LastCommit | undefined
  try {
    const last = lastCommit = attempt(file, () => new LastCommit(file))
    last.transaction(lmdb, () => {
      checkPages(file, pageSize)
      checkFormat(file, lmdb)
    })
    return new Database(file, lmdb, last)
  } catch (error) {
    lastCommit?.close()
    lmdb.close().catch(() => {})
    throw error
  }
}

function hasNoLocks (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === NO_LOCKS) || hasNoLocks(error.cause)
}

/** Within a transaction: other processes wait. */
function checkPages (file: string, pageSize: number): void {
  const fault = pageSize === 0 ? null : faultIn(file, pageSize)
  if (fault !== null) throw new MCP_LMDB_CORRUPTED(file, fault)
}

function checkFormat (file: string, lmdb: RootDatabase<Buffer, Buffer>): void {
  const format = lmdb.getBinary(FORMAT_KEY)?.toString()
  if (format === FORMAT) return
  if (format !== undefined) throw new MCP_LMDB_FOREIGN_FILE(file, `it has the format "${format}", this version reads "${FORMAT}"`)
  if (lmdb.getKeysCount({ limit: 1 }) > 0) throw new MCP_LMDB_FOREIGN_FILE(file, 'it belongs to something else')
  lmdb.putSync(FORMAT_KEY, Buffer.from(FORMAT))
}
