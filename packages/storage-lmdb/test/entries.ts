/** What a file holds, seen from outside. */
import path from 'node:path'
import { open } from 'lmdb'

/** Entries of the file in `folder`, of whatever kind. */
export function lmdbEntries (folder: string): number {
  const file = open<Buffer, Buffer>({
    path: path.join(folder, 'data.mdb'), noSubdir: true, readOnly: true, encoding: 'binary', keyEncoding: 'binary'
  })
  try {
    return file.getKeysCount()
  } finally {
    file.close()
  }
}
