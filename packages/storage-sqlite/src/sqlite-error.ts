/** What the result codes of SQLite mean here: https://sqlite.org/rescode.html */
import { MCP_SQLITE_CORRUPTED, MCP_SQLITE_FAILED, MCP_SQLITE_FULL } from './errors.ts'

const BUSY = 5
const LOCKED = 6
const CORRUPT = 11
const FULL = 13
const NOT_A_DATABASE = 26
/** The shared-memory file could not grow. */
const SHARED_MEMORY_SIZE = 10 | 19 << 8

/** Some errors of `@photostructure/sqlite` have no code: SQLite's text says the same. */
const CODES_BY_MESSAGE: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'database table is locked': LOCKED,
  'database disk image is malformed': CORRUPT,
  'database or disk is full': FULL,
  'file is not a database': NOT_A_DATABASE
}

/** The extended result code, 1 where it is not known; `undefined` where SQLite did not throw the error. */
function codeOf (error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR') return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode
  return CODES_BY_MESSAGE[error.message] ?? 1
}

function primaryCodeOf (error: unknown): number | undefined {
  const code = codeOf(error)
  return code === undefined ? undefined : code & 0xff
}

/** Another connection holds the lock that is needed. */
export function isBusy (error: unknown): boolean {
  const code = primaryCodeOf(error)
  return code === BUSY || code === LOCKED
}

export function isFull (error: unknown): boolean {
  return primaryCodeOf(error) === FULL || codeOf(error) === SHARED_MEMORY_SIZE
}

export function isDamage (error: unknown): boolean {
  const code = primaryCodeOf(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

export function isSqliteError (error: unknown): boolean {
  return codeOf(error) !== undefined
}

/** An error of SQLite as an error of this package, with the original as its `cause`; another error as it is. */
export function codedError (file: string, error: unknown): Error {
  if (!isSqliteError(error)) return error instanceof Error ? error : new Error(String(error))
  const reason = error instanceof Error ? error.message : String(error)
  const coded = isFull(error)
    ? new MCP_SQLITE_FULL(file)
    : isDamage(error) ? new MCP_SQLITE_CORRUPTED(file, reason) : new MCP_SQLITE_FAILED(file, reason)
  return Object.assign(coded, { cause: error })
}
