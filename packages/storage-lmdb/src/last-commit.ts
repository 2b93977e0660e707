/**
 * LMDB notes the number of the last commit in its lock file. Who opens the file sets that note to what was read a moment
 * before, so a commit made meanwhile is forgotten, and the next one takes its place: https://bugs.openldap.org/show_bug.cgi?id=9496
 * The number also stands in the data file. So before anything is changed, the note is compared with it and put right.
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
  readonly #descriptor: number
  readonly #number = Buffer.alloc(NUMBER_BYTES)
  readonly #places: readonly number[]

  /** For a file that LMDB has opened. */
  constructor (file: string) {
    this.#file = file
    this.#descriptor = openSync(file, 'r')
    this.#read(PAGE_SIZE_AT)
    this.#places = [TRANSACTION_AT, TRANSACTION_AT + this.#number.readUInt32LE(0)]
  }

  /** Runs `change` in a transaction that comes after all others. */
  transaction<T> (lmdb: RootDatabase<Buffer, Buffer>, change: () => T): T {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      let done: { readonly result: T } | undefined
      lmdb.transactionSync(() => {
        const last = this.#last()
        if (lmdb.getWriteTxnId() !== Number(last) + 1) {
          this.#correct(last)
          return ABORT
        }
        done = { result: change() }
        return undefined
      })
      if (done !== undefined) return done.result
    }
    throw new MCP_LMDB_FAILED(this.#file, 'its lock file is behind')
  }

  close (): void {
    closeSync(this.#descriptor)
  }

  #last (): bigint {
    const [one = 0n, other = 0n] = this.#places.map(place => this.#read(place).readBigUInt64LE(0))
    return one > other ? one : other
  }

  #read (position: number): Buffer {
    readSync(this.#descriptor, this.#number, 0, NUMBER_BYTES, position)
    return this.#number
  }

  /** Within a transaction, which keeps others from committing. */
  #correct (last: bigint): void {
    this.#number.writeBigUInt64LE(last)
    const lockFile = `${this.#file}-lock`
    if (process.platform !== 'win32') return this.#note(openDescriptor(lockFile))
    const descriptor = openSync(lockFile, 'r+')
    try {
      this.#note(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  #note (descriptor: number): void {
    writeSync(descriptor, this.#number, 0, NUMBER_BYTES, NOTE_AT)
  }
}

/** The one LMDB has: closing another of the same file would take away the lock by which processes know of each other. */
function openDescriptor (file: string): number {
  const { dev, ino } = statSync(file)
  for (const name of readdirSync('/dev/fd')) {
    const found = attemptStat(Number(name))
    if (found !== undefined && found.dev === dev && found.ino === ino) return Number(name)
  }
  throw new MCP_LMDB_FAILED(file, 'it was replaced while it was in use')
}

function attemptStat (descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor)
  } catch {
    // The one the list was read from.
    return undefined
  }
}
