/** The folder and file of the data, as far as SQLite does not look at them: who may read them, and whether they are ours. */
import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { MCP_SQLITE_FOREIGN_FILE, MCP_SQLITE_NOT_OPENED } from './errors.ts'

const HEADER = 'SQLite format 3\0'

/**
 * Creates the folder (0700) and an empty file (0600) where they do not exist, whatever the umask; SQLite gives its other files the same
 * permissions. Sessions are secrets: only the user of the server may read them.
 *
 * @returns the path of the file
 * @throws `MCP_SQLITE_NOT_OPENED`, `MCP_SQLITE_FOREIGN_FILE`
 */
export function prepareFile (folder: string): string {
  attempt(folder, () => {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700)
  })
  if (!statSync(folder).isDirectory()) throw new MCP_SQLITE_NOT_OPENED(folder, 'it is not a folder')
  attempt(folder, () => accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK))
  const file = join(folder, 'data.sqlite')
  for (const path of [file, `${file}-wal`, `${file}-shm`]) checkAccess(path)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) attempt(file, () => create(file))
  else if (found.size > 0) checkHeader(file)
  return file
}

/** What the operating system reports becomes one coded sentence. */
function attempt<T> (path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw Object.assign(new MCP_SQLITE_NOT_OPENED(path, reason), { cause: error })
  }
}

function checkAccess (path: string): void {
  const found = attempt(path, () => statSync(path, { throwIfNoEntry: false }))
  if (found === undefined) return
  if (!found.isFile()) throw new MCP_SQLITE_NOT_OPENED(path, 'it is not a file')
  attempt(path, () => accessSync(path, constants.R_OK | constants.W_OK))
}

function create (file: string): void {
  const descriptor = openSync(file, 'a', 0o600)
  closeSync(descriptor)
  chmodSync(file, 0o600)
}

function checkHeader (file: string): void {
  const header = Buffer.alloc(HEADER.length)
  const descriptor = attempt(file, () => openSync(file, 'r'))
  try {
    readSync(descriptor, header, 0, HEADER.length, 0)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1') !== HEADER) throw new MCP_SQLITE_FOREIGN_FILE(file, 'it does not begin like an SQLite file')
}
