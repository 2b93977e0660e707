/**
 * A file that holds space for the time when the disk is full. Without free space, SQLite cannot even delete: a delete is written to the
 * write-ahead log first. The reserve is then given up for deletes, and claimed again when there is room.
 */
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** More than the write-ahead log between two checkpoints, plus what one step of a sweep adds. */
export const RESERVE_BYTES = 8 * 1024 * 1024

/** What must be free beside the reserve before it is claimed: else the next write would fail again. */
const MARGIN_BYTES = 1024 * 1024

export class Reserve {
  readonly #file: string
  #held = false

  constructor (file: string) {
    this.#file = file
    this.check()
  }

  /** Whether the space is there: another process may have given it up. */
  check (): boolean {
    this.#held = statSync(this.#file, { throwIfNoEntry: false })?.size === RESERVE_BYTES
    return this.#held
  }

  /** Claims the space if it is there. Returns whether it is held. */
  claim (): boolean {
    if (this.#held) return true
    try {
      if (freeBytes(this.#file) < RESERVE_BYTES + MARGIN_BYTES) return false
      fill(this.#file)
      this.#held = true
    } catch {
      // The disk has filled up meanwhile, or a quota says so.
      this.release()
    }
    return this.#held
  }

  /** Gives the space up. */
  release (): void {
    this.#held = false
    try {
      rmSync(this.#file, { force: true })
    } catch {
      // A folder that is no longer writable; the write that needs the space reports its own error.
    }
  }
}

/** Bytes that a process without privileges may still write to the disk of `file`. */
export function freeBytes (file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file))
  return bavail * bsize
}

/** Real blocks, not a hole. */
function fill (file: string): void {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    const block = Buffer.alloc(64 * 1024, 1)
    for (let written = 0; written < RESERVE_BYTES;) written += writeSync(descriptor, block)
  } finally {
    closeSync(descriptor)
  }
}
