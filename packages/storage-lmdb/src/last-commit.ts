/**
 * LMDB notes the number of the last commit in its lock file, and goes by that. Who opens the file sets the note to what was
 * read a moment before, so a commit made meanwhile is forgotten, and the next one takes its place:
 * https://bugs.openldap.org/show_bug.cgi?id=9496. Who is killed between a commit and the note leaves it unseen until the
 * next one. The number also stands in the data file. So the note is compared with that, and put right.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs'
import { ABORT } from 'lmdb'
import { MCP_LMDB_FAILED } from './errors.ts'
import type { Stats } from 'node:fs'
import type { RootDatabase } from 'lmdb'

// In the data file, whose first two pages are written by turns, see MDB_meta; and in the lock file, see MDB_txbody.
const PAGE_SIZE_AT = 48
const TRANSACTION_AT = 152
const NOTE_AT = 8
const NUMBER_BYTES = 8

/** Each time another process has to open the file in the same moment. */
const ATTEMPTS = 100

export class LastCommit {
  readonly #file: string
  readonly #data: number
  readonly #lock: number
  readonly #number = Buffer.alloc(NUMBER_BYTES)
  /** The data file from the first of its two numbers to the second: read together they cost one call. */
  readonly #numbers: Buffer

  /** For a file that LMDB has open. */
  constructor (file: string) {
    this.#file = file
    this.#lock = openLock(`${file}-lock`)
    this.#data = openSync(file, 'r')
    readSync(this.#data, this.#number, 0, 4, PAGE_SIZE_AT)
    this.#numbers = Buffer.alloc(this.#number.readUInt32LE(0) + NUMBER_BYTES)
  }

  /** Runs `change` in a transaction that comes after all others. */
  transaction<T> (lmdb: RootDatabase<Buffer, Buffer>, change: () => T): T {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let done: { readonly result: T } | undefined
      lmdb.transactionSync(() => {
        const last = this.#last()
        if (lmdb.getWriteTxnId() !== last + 1) {
          this.#note(last)
          return ABORT
        }
        done = { result: change() }
        return undefined
      })
      if (done !== undefined) return done.result
    }
    throw new MCP_LMDB_FAILED(this.#file, 'its lock file is behind')
  }

  /**
   * Lets a read that begins now see the last commit, and answers its number: while that is the same, nobody has written anything.
   * Where it is `seen` already, nothing has to be done. `NaN`, which equals nothing, where it may yet be taken back.
   */
  show (lmdb: RootDatabase<Buffer, Buffer>, seen: number): number {
    const last = this.#last()
    if (last === seen || this.#noted() === last) return last
    this.transaction(lmdb, () => {})
    return NaN
  }

  close (): void {
    closeSync(this.#data)
    if (process.platform === 'win32') closeSync(this.#lock)
  }

  #last (): number {
    const { length } = this.#numbers
    readSync(this.#data, this.#numbers, 0, length, TRANSACTION_AT)
    return Math.max(numberAt(this.#numbers, 0), numberAt(this.#numbers, length - NUMBER_BYTES))
  }

  #noted (): number {
    readSync(this.#lock, this.#number, 0, NUMBER_BYTES, NOTE_AT)
    return numberAt(this.#number, 0)
  }

  /** Within a transaction, which keeps others from committing. */
  #note (last: number): void {
    this.#number.writeBigUInt64LE(BigInt(last))
    writeSync(this.#lock, this.#number, 0, NUMBER_BYTES, NOTE_AT)
  }
}

/**
 * The descriptor LMDB has: closing another of the same file would take away the lock by which processes know of each other.
 * Windows has no such locks, and no such descriptors.
 */
function openLock (file: string): number {
  if (process.platform === 'win32') return openSync(file, 'r+')
  const { dev, ino } = statSync(file)
  for (const name of readdirSync('/dev/fd')) {
    const found = statOf(Number(name))
    if (found !== undefined && found.dev === dev && found.ino === ino) return Number(name)
  }
  throw new Error(`${file} was replaced meanwhile`)
}

function statOf (descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor)
  } catch {
    // The one the list was read from.
    return undefined
  }
}

/** Exact for some thousand years of commits. */
function numberAt (bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x100000000
}
