import { resolve } from 'node:path'
import { memoryStorage, ticker as processTicker } from '@mcp/storage'
import { Accounts } from './accounts.ts'
import { EventLogs } from './event-logs.ts'
import { openDatabase } from './open-database.ts'
import { checkSqliteOptions } from './options.ts'
import { Processes } from './processes.ts'
import { SessionTable } from './session-table.ts'
import { SqliteBus } from './sqlite-bus.ts'
import { SqliteEvents } from './sqlite-events.ts'
import { SqliteNodes } from './sqlite-nodes.ts'
import { SqliteSessions } from './sqlite-sessions.ts'
import type { Storage } from '@mcp/storage'
import type { Database } from './database.ts'
import type { CheckedOptions, SqliteStorageOptions } from './options.ts'

/** How often expired sessions and aged events are removed. Reads do not return them before that either. */
const SWEEP_MS = 30_000

/**
 * Sessions and events in an SQLite file: for one machine, for all processes that open it, and still there after a restart.
 * `sessions.read`, `sessions.count`, `events.read` and `nodes.alive` return plain values.
 *
 * - Writes requested in one turn of the event loop are one transaction. Their promises resolve once it survives the process.
 * - `maxBytes` counts bytes of UTF-8.
 * - Deleting a session, or its expiry, removes its events.
 *
 * @throws `MCP_SQLITE_BAD_OPTION`, `MCP_SQLITE_NO_DRIVER`, `MCP_SQLITE_NOT_OPENED`, `MCP_SQLITE_FOREIGN_FILE`, `MCP_SQLITE_CORRUPTED`,
 * `MCP_SQLITE_FULL`
 */
export function sqliteStorage (options: SqliteStorageOptions): Storage {
  const checked = checkSqliteOptions(options)
  const db = openDatabase(resolve(checked.path), checked.durability)
  try {
    return storageOn(db, checked)
  } catch (error) {
    db.close().catch(() => {})
    throw error
  }
}

function storageOn (db: Database, { events: bounds, budget, ticker = processTicker }: CheckedOptions): Storage {
  const processes = new Processes(db)
  const accounts = new Accounts(db, budget)
  const logs = new EventLogs(db, bounds, accounts)
  const table = new SessionTable(db, accounts, logs)
  const sessions = new SqliteSessions(db, table)
  const events = new SqliteEvents(db, logs, bounds, session => table.ownerOf(session))
  const nodes = new SqliteNodes(db)
  const local = memoryStorage({ ticker })
  const bus = new SqliteBus(db, local.bus, processes)

  db.enter(() => processes.beat(Date.now()))
  const stopSweeping = ticker.every(SWEEP_MS, () => sweep().catch(error => {
    if (!db.closed) throw error
  }))
  let closing: Promise<void> | undefined
  return {
    name: 'sqlite',
    sessions,
    events,
    bus,
    nodes,
    close () {
      closing ??= close()
      return closing
    }
  }

  async function sweep (): Promise<void> {
    const wasKnown = await db.write(() => {
      bus.trim()
      accounts.removeEmpty()
      return processes.beat(Date.now())
    }, true)
    if (!wasKnown) bus.gap()
    await sessions.sweep()
    await events.sweep()
    await nodes.sweep()
    db.tidy()
  }

  async function close (): Promise<void> {
    stopSweeping()
    bus.close()
    await local.close()
    if (!db.closed) db.write(() => processes.leave(), true).catch(() => {})
    await db.close()
  }
}
