/** What a file holds, seen from outside. */
import path from 'node:path'
import { loadDriver } from '../src/driver.ts'

/** Rows of sessions, streams and events in `folder`. */
export function sqliteRows (folder: string): number {
  const { DatabaseSync } = loadDriver()
  const file = new DatabaseSync(path.join(folder, 'data.sqlite'))
  try {
    const tables = ['sessions', 'logs', 'streams', 'chunks', 'nodes', 'processes', 'bus', 'accounts']
    const counts = tables.map(table => `(SELECT count(*) FROM ${table})`).join(' + ')
    const { rows } = file.prepare(`SELECT ${counts} AS rows`).get() as { rows: number }
    return rows
  } finally {
    file.close()
  }
}
