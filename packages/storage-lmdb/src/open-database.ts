import { join } from 'node:path'
import { open } from 'lmdb'
import { Database } from './database.ts'
import { MCP_LMDB_CORRUPTED, MCP_LMDB_FOREIGN_FILE } from './errors.ts'
import { attempt, checkFile, fillUp, makeFolder } from './file-check.ts'
import { FORMAT_KEY } from './keys.ts'
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
  checkFile(file, `${file}-lock`)
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
    checkWhole(file, lmdb)
    checkFormat(file, lmdb)
    return new Database(file, lmdb)
  } catch (error) {
    lmdb.close().catch(() => {})
    throw error
  }
}

/** Reads every key of a file that is shorter than it should be; other damage shows when it is met. */
function checkWhole (file: string, lmdb: RootDatabase<Buffer, Buffer>): void {
  const grown = lmdb.transactionSync(() => fillUp(file, sizeOf(lmdb)))
  if (!grown) return
  try {
    for (const { value } of lmdb.getRange({})) if (value === undefined) throw new Error('a value is missing')
  } catch (error) {
    throw Object.assign(new MCP_LMDB_CORRUPTED(file, 'it is cut off'), { cause: error })
  }
}

function checkFormat (file: string, lmdb: RootDatabase<Buffer, Buffer>): void {
  lmdb.transactionSync(() => {
    const format = lmdb.getBinary(FORMAT_KEY)?.toString()
    if (format === FORMAT) return
    if (format !== undefined) throw new MCP_LMDB_FOREIGN_FILE(file, `it has the format "${format}", this version reads "${FORMAT}"`)
    if (lmdb.getKeysCount({ limit: 1 }) > 0) throw new MCP_LMDB_FOREIGN_FILE(file, 'it belongs to something else')
    lmdb.putSync(FORMAT_KEY, Buffer.from(FORMAT))
  })
}

function sizeOf (lmdb: RootDatabase): number {
  const { pageSize, lastPageNumber }: { pageSize?: number, lastPageNumber?: number } = lmdb.getStats()
  return (pageSize ?? 0) * ((lastPageNumber ?? -1) + 1)
}
