/**
 * The SQLite that this process uses: the built-in `node:sqlite` where the runtime has it, else `@photostructure/sqlite`, which has the
 * same API. A process must not use both: two copies of SQLite in one process release each other's file locks.
 */
import { createRequire } from 'node:module'
import { MCP_SQLITE_NO_DRIVER } from './errors.ts'

export type SqlValue = string | number | null

/** The part of a prepared statement that this package uses. */
export interface Statement {
  get (...values: readonly SqlValue[]): unknown
  all (...values: readonly SqlValue[]): unknown[]
  run (...values: readonly SqlValue[]): { readonly changes: number | bigint }
}

/** The part of `DatabaseSync` that this package uses. */
export interface SqliteConnection {
  exec (sql: string): void
  prepare (sql: string): Statement
  close (): void
}

export interface Driver {
  /** For messages. */
  readonly name: string
  /** The version of SQLite, for example `3.51.3`. */
  readonly version: string
  readonly DatabaseSync: new (file: string) => SqliteConnection
}

/** Earlier versions can lose a commit when a checkpoint and a write coincide: https://sqlite.org/wal.html#walresetbug */
const SAFE_VERSION = '3.51.3'

let loaded: Driver | undefined

/** @throws `MCP_SQLITE_NO_DRIVER` */
export function loadDriver (): Driver {
  if (loaded !== undefined) return loaded
  const driver = chooseDriver([builtIn, installed])
  if (driver === undefined) throw new MCP_SQLITE_NO_DRIVER(runtime())
  if (compareVersions(driver.version, SAFE_VERSION) < 0) {
    process.emitWarning(`SQLite ${driver.version} of ${driver.name} has a bug that can lose commits; use a later version of Node.js, or install "@photostructure/sqlite"`, 'McpSqliteWarning')
  }
  loaded = driver
  return driver
}

/** The first driver whose SQLite is safe; where there is none, the one with the latest version. */
export function chooseDriver (candidates: ReadonlyArray<() => Driver | undefined>): Driver | undefined {
  let best: Driver | undefined
  for (const candidate of candidates) {
    const driver = candidate()
    if (driver === undefined) continue
    if (compareVersions(driver.version, SAFE_VERSION) >= 0) return driver
    if (best === undefined || compareVersions(driver.version, best.version) > 0) best = driver
  }
  return best
}

/** Negative, zero or positive, as `one` is earlier than, the same as, or later than `other`. */
export function compareVersions (one: string, other: string): number {
  const [parts, others] = [one.split('.').map(Number), other.split('.').map(Number)]
  for (let index = 0; index < Math.max(parts.length, others.length); index++) {
    const difference = (parts[index] ?? 0) - (others[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function builtIn (): Driver | undefined {
  const load: unknown = Reflect.get(process, 'getBuiltinModule')
  return driverOf('node:sqlite', () => typeof load === 'function' ? load.call(process, 'node:sqlite') : undefined)
}

function installed (): Driver | undefined {
  return driverOf('@photostructure/sqlite', () => createRequire(import.meta.url)('@photostructure/sqlite'))
}

function driverOf (name: string, load: () => unknown): Driver | undefined {
  try {
    const module = load()
    if (!isDriverModule(module)) return undefined
    const memory = new module.DatabaseSync(':memory:')
    const row = memory.prepare('SELECT sqlite_version() AS version').get() as { version: string }
    memory.close()
    return { name, version: row.version, DatabaseSync: module.DatabaseSync }
  } catch {
    // Not installed, or not for this platform: the error that names both drivers says what to do.
    return undefined
  }
}

function isDriverModule (module: unknown): module is Pick<Driver, 'DatabaseSync'> {
  return typeof module === 'object' && module !== null && 'DatabaseSync' in module && typeof module.DatabaseSync === 'function'
}

function runtime (): string {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>
  if (bun !== undefined) return `Bun ${bun}`
  return deno === undefined ? `Node.js ${node}` : `Deno ${deno}`
}
