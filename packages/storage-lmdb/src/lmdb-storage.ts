import { resolve } from 'node:path'
import { memoryStorage, ticker as processTicker } from '@mcp/storage'
import { closeFile } from './close-file.ts'
import { EventLogs } from './event-logs.ts'
import { LmdbBus } from './lmdb-bus.ts'
import { LmdbEvents } from './lmdb-events.ts'
import { LmdbNodes } from './lmdb-nodes.ts'
import { LmdbSessions } from './lmdb-sessions.ts'
import { openDatabase } from './open-database.ts'
import { checkLmdbOptions } from './options.ts'
import { Processes } from './processes.ts'
import { SessionTable } from './session-table.ts'
import { markInUse } from './unclean.ts'
import type { Storage } from '@mcp/storage'
import type { LmdbStorageOptions } from './options.ts'

/** How often expired sessions and aged events are looked for. They are unknown at once; this returns their place. */
const SWEEP_MS = 30_000

/**
 * Sessions and events in a file: for the nodes of one machine, as many processes as there are, and still there when they
 * are started again. `sessions.read`, `sessions.count`, `events.read` and `nodes.alive` answer with plain values.
 *
 * - Writes asked for in one turn of the event loop are one transaction. Their promises resolve once it survives the process.
 * - `maxBytes` counts bytes of UTF-8.
 * - Deleting a session, or its expiry, takes its events along.
 *
 * @throws `MCP_LMDB_BAD_OPTION`, `MCP_LMDB_NOT_OPENED`, `MCP_LMDB_FOREIGN_FILE`, `MCP_LMDB_CORRUPTED`
 */
export function lmdbStorage (options: LmdbStorageOptions): Storage {
  const { path, durability, events: bounds, ticker = processTicker } = checkLmdbOptions(options)
  const folder = resolve(path)
  const db = openDatabase(folder, durability)
  const processes = new Processes(db)
  db.writeNow(enter)

  const logs = new EventLogs(db, bounds)
  const table = new SessionTable(db, session => logs.remove(session))
  const sessions = new LmdbSessions(db, table)
  const events = new LmdbEvents(db, logs, bounds, session => table.get(session) !== undefined)
  const nodes = new LmdbNodes(db)
  const local = memoryStorage({ ticker })
  const bus = new LmdbBus(db, local.bus, processes)

  const stopSweeping = ticker.every(SWEEP_MS, () => sweep().catch(error => {
    if (!db.closed) throw error
  }))
  let closing: Promise<void> | undefined
  return {
    name: 'lmdb',
    sessions,
    events,
    bus,
    nodes,
    close () {
      closing ??= close()
      return closing
    }
  }

  /** Within a change, so that the last one to close the file cannot take the mark away in between. */
  function enter (): boolean {
    if (durability === 'process') markInUse(folder)
    return processes.beat(Date.now())
  }

  async function sweep (): Promise<void> {
    db.forgetDeadReaders()
    const wasKnown = await db.write(() => {
      bus.trim()
      return enter()
    })
    if (!wasKnown) bus.gap()
    await sessions.sweep()
    await events.sweep()
    await nodes.sweep()
  }

  async function close (): Promise<void> {
    stopSweeping()
    bus.close()
    await local.close()
    await closeFile(db, processes, folder)
  }
}
