import { join } from 'node:path'
import { open } from 'lmdb'
import { Database } from './database.ts'
import { MCP_LMDB_CORRUPTED, MCP_LMDB_FOREIGN_FILE } from './errors.ts'
import { attempt, checkFile, makeFolder } from './file-check.ts'
import { FORMAT_KEY } from './keys.ts'
import { faultIn } from './page-check.ts'
import { leaveUncleanAside } from './unclean.ts'
import type { RootDatabase } from 'lmdb'

const FORMAT = 'mcp-storage-lmdb 1'

/** Address space, not memory. Without it the map is laid out anew whenever the file grows, and the old ones are kept. */
const MAP_BYTES = 2 ** 36

export type Durability = 'process' | 'power'

/**
 * Opens the file in `folder`, or makes it.
 *
 * @throws `MCP_LMDB_NOT_OPENED`, `MCP_LMDB_FOREIGN_FILE`, `MCP_LMDB_CORRUPTED`
 */
export function openDatabase (folder: string, durability: Durability): Database {
  makeFolder(folder)
  const file = join(folder, 'data.mdb')
  leaveUncleanAside(folder, file)
  const pageSize = checkFile(file, `${file}-lock`)
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
  try {
    lmdb.transactionSync(() => {
      checkPages(file, pageSize)
      checkFormat(file, lmdb)
    })
    return new Database(file, lmdb)
  } catch (error) {
    lmdb.close().catch(() => {})
    throw error
  }
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
