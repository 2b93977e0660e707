import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { MCP_LMDB_CORRUPTED, MCP_LMDB_FOREIGN_FILE, MCP_LMDB_NOT_OPENED } from './errors.ts'

const MAGIC = 0xbeefc0de
const VERSION = 2
// Where a meta page of the LMDB in use has what: https://github.com/kriszyp/lmdb/blob/master/libraries/liblmdb/mdb.c, MDB_meta
const MAGIC_AT = 24
const VERSION_AT = 28
const PAGE_SIZE_AT = 48
const HEAD_BYTES = 168

/** Makes the folder where it is missing. */
export function makeFolder (folder: string): void {
  attempt(folder, () => mkdirSync(folder, { recursive: true }))
  if (!statSync(folder).isDirectory()) throw new MCP_LMDB_NOT_OPENED(folder, 'it is not a folder')
  attempt(folder, () => accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK))
}

/**
 * Looks at the first pages of a data file before LMDB does, which crashes on some of what it cannot read. A missing or
 * empty file is fine.
 *
 * @returns the size of its pages in bytes; 0 where there is nothing yet
 * @throws `MCP_LMDB_NOT_OPENED`, `MCP_LMDB_FOREIGN_FILE`, `MCP_LMDB_CORRUPTED`
 */
export function checkFile (file: string, lockFile: string): number {
  for (const path of [file, lockFile]) {
    const found = attempt(path, () => statSync(path, { throwIfNoEntry: false }))
    if (found === undefined) continue
    if (!found.isFile()) throw new MCP_LMDB_NOT_OPENED(path, 'it is not a file')
    attempt(path, () => accessSync(path, constants.R_OK | constants.W_OK))
  }
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return 0
  const head = attempt(file, () => bytesAt(file, 0))
  if (head.readUInt32LE(MAGIC_AT) !== MAGIC) throw new MCP_LMDB_FOREIGN_FILE(file, 'it does not begin like an LMDB file')
  if (head.readUInt32LE(VERSION_AT) !== VERSION) throw new MCP_LMDB_FOREIGN_FILE(file, 'it was written by another version of LMDB')
  const pageSize = head.readUInt32LE(PAGE_SIZE_AT)
  if (!Number.isInteger(Math.log2(pageSize)) || pageSize < 256 || pageSize > 65536) throw new MCP_LMDB_CORRUPTED(file, 'impossible page size')
  if (size < 2 * pageSize) throw new MCP_LMDB_CORRUPTED(file, 'it is cut off')
  const second = attempt(file, () => bytesAt(file, pageSize))
  for (const at of [MAGIC_AT, VERSION_AT, PAGE_SIZE_AT]) {
    if (second.readUInt32LE(at) !== head.readUInt32LE(at)) throw new MCP_LMDB_CORRUPTED(file, 'its first pages contradict each other')
  }
  return pageSize
}

function bytesAt (file: string, position: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, head, 0, HEAD_BYTES, position)
  } finally {
    closeSync(descriptor)
  }
  return head
}

/** What the operating system says becomes one coded sentence. */
export function attempt<T> (path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw Object.assign(new MCP_LMDB_NOT_OPENED(path, reason), { cause: error })
  }
}

export function isMissing (error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
