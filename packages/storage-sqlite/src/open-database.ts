import { join } from 'node:path'
import { Database } from './database.ts'
import { prepareFile } from './data-file.ts'
import { loadDriver } from './driver.ts'
import { MCP_SQLITE_FOREIGN_FILE, MCP_SQLITE_NOT_OPENED } from './errors.ts'
import { freeBytes, Reserve, RESERVE_BYTES } from './reserve.ts'
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { codedError, isBusy, isDamage } from './sqlite-error.ts'
import type { SqliteConnection } from './driver.ts'

export type Durability = 'process' | 'power'

/** Opening may wait: no request is served yet. */
const OPEN_WAIT_MS = 5_000
/** The write-ahead log is at most about 4 MiB between two checkpoints, which also bounds the reserve. */
const CHECKPOINT_PAGES = 1_000

/**
 * Opens the file in `folder`, or creates it.
 *
 * @throws `MCP_SQLITE_NO_DRIVER`, `MCP_SQLITE_NOT_OPENED`, `MCP_SQLITE_FOREIGN_FILE`, `MCP_SQLITE_CORRUPTED`, `MCP_SQLITE_FULL`
 */
export function openDatabase (folder: string, durability: Durability): Database {
  const { DatabaseSync } = loadDriver()
  const file = prepareFile(folder)
  const reserve = new Reserve(join(folder, 'reserve'))
  // On a full disk the shared-memory file cannot be written, and the system kills the process that tries.
  if (freeBytes(file) < RESERVE_BYTES) reserve.release()
  let connection: SqliteConnection | undefined
  try {
    connection = new DatabaseSync(file)
    setUp(file, connection, durability)
    reserve.claim()
    return new Database(file, connection, reserve)
  } catch (error) {
    connection?.close()
    throw openError(file, error)
  }
}

function setUp (file: string, connection: SqliteConnection, durability: Durability): void {
  connection.exec(`PRAGMA busy_timeout = ${OPEN_WAIT_MS}`)
  checkIdentity(file, connection)
  // Has an effect on a new file only, and must come before the first page is written.
  connection.exec('PRAGMA auto_vacuum = INCREMENTAL')
  connection.exec('PRAGMA mmap_size = 0')
  retry(() => connection.exec('PRAGMA journal_mode = WAL'))
  connection.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`)
  connection.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  connection.exec('PRAGMA temp_store = MEMORY')
  createTables(file, connection)
}

function createTables (file: string, connection: SqliteConnection): void {
  connection.exec('BEGIN IMMEDIATE')
  if (checkIdentity(file, connection)) connection.exec(SCHEMA)
  connection.exec('COMMIT')
}

/** Returns whether the file is new. */
function checkIdentity (file: string, connection: SqliteConnection): boolean {
  const [id, version] = [pragma(connection, 'application_id'), pragma(connection, 'user_version')]
  if (id === APPLICATION_ID && version === SCHEMA_VERSION) return false
  if (id === APPLICATION_ID) throw new MCP_SQLITE_FOREIGN_FILE(file, `it has the format ${version}, this version reads format ${SCHEMA_VERSION}`)
  const { tables } = connection.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number }
  if (id !== 0 || version !== 0 || tables > 0) throw new MCP_SQLITE_FOREIGN_FILE(file, 'it belongs to another program')
  return true
}

function pragma (connection: SqliteConnection, name: string): unknown {
  const row = connection.prepare(`PRAGMA ${name}`).get() as Record<string, unknown>
  return row[name]
}

/** SQLite does not wait by itself where waiting could end in a deadlock, as when two processes switch a new file to WAL. */
function retry (action: () => void): void {
  const deadline = performance.now() + OPEN_WAIT_MS
  for (;;) {
    try {
      return action()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20)
    }
  }
}

function openError (file: string, error: unknown): Error {
  const coded = codedError(file, error)
  if (!('code' in coded) || coded.code !== 'MCP_SQLITE_FAILED' || isDamage(error)) return coded
  return Object.assign(new MCP_SQLITE_NOT_OPENED(file, error instanceof Error ? error.message : String(error)), { cause: error })
}
