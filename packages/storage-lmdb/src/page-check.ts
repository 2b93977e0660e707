/**
 * Walks through the pages of an LMDB file without LMDB, which ends the process where a page makes no sense or is missing.
 * Layout: https://github.com/kriszyp/lmdb/blob/master/libraries/liblmdb/mdb.c, MDB_page, MDB_node, MDB_meta.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const HEADER = 24
const NODE = 8
const [BRANCH, LEAF, OVERFLOW] = [1, 2, 4]
const BIG_VALUE = 1
const BIG_VALUE_BYTES = 24
const NO_PAGE = 2n ** 64n - 1n
// In a meta page: the two trees (free pages and data), the last page, the transaction.
const TREES = [48, 96]
const [DEPTH_AT, ROOT_AT] = [6, 40]
const [LAST_PAGE_AT, TRANSACTION_AT] = [144, 152]

interface Place {
  readonly page: number
  /** How many levels of the tree there are from here on. */
  readonly levels: number
}

/** A value that has pages of its own. */
interface BigValue {
  readonly first: number
  readonly pages: number
}

/** What is wrong with the structure of the file, or `null`. Only while nobody writes. */
export function faultIn (file: string, pageSize: number): string | null {
  const descriptor = openSync(file, 'r')
  try {
    return new Walk(descriptor, pageSize).fault()
  } finally {
    closeSync(descriptor)
  }
}

class Walk {
  readonly #descriptor: number
  readonly #pageSize: number
  readonly #present: number
  readonly #page: Buffer
  #seen = new Uint8Array(0)

  constructor (descriptor: number, pageSize: number) {
    this.#descriptor = descriptor
    this.#pageSize = pageSize
    this.#present = Math.floor(fstatSync(descriptor).size / pageSize)
    this.#page = Buffer.alloc(pageSize)
  }

  fault (): string | null {
    const [one, other] = [Buffer.from(this.#read(0)), Buffer.from(this.#read(1))]
    const meta = one.readBigUInt64LE(TRANSACTION_AT) > other.readBigUInt64LE(TRANSACTION_AT) ? one : other
    // A file may end before its last page, where that is a free one.
    this.#seen = new Uint8Array(Math.min(Number(meta.readBigUInt64LE(LAST_PAGE_AT)) + 1, this.#present))
    for (const tree of TREES) {
      const root = meta.readBigUInt64LE(tree + ROOT_AT)
      if (root === NO_PAGE) continue
      const fault = this.#treeFault({ page: Number(root), levels: meta.readUInt16LE(tree + DEPTH_AT) })
      if (fault !== null) return fault
    }
    return null
  }

  #treeFault (root: Place): string | null {
    const places = [root]
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      if (!this.#visit(place.page)) return `page ${place.page} is missing or used twice`
      const page = this.#read(place.page)
      const kind = place.levels > 1 ? BRANCH : LEAF
      if (page.readBigUInt64LE(0) !== BigInt(place.page) || (page.readUInt16LE(18) & (BRANCH | LEAF | OVERFLOW)) !== kind) {
        return `page ${place.page} is not what it should be`
      }
      if (!this.#nodes(page, place, places)) return `page ${place.page} makes no sense`
    }
    return null
  }

  /** Checks what is in a page, and adds the pages it leads to. */
  #nodes (page: Buffer, { levels }: Place, places: Place[]): boolean {
    const [lower, upper] = [page.readUInt16LE(20), page.readUInt16LE(22)]
    if (lower === 0 || lower % 2 !== 0 || lower > upper || upper > this.#pageSize - HEADER) return false
    const bigValues: BigValue[] = []
    for (let index = 0; index < lower / 2; index++) {
      const node = page.readUInt16LE(HEADER + index * 2) + HEADER
      if (node < upper + HEADER || node + NODE > this.#pageSize) return false
      // Size of the value, or number of the next page: then with the flags as its upper part.
      const number = page.readUInt32LE(node)
      const flags = page.readUInt16LE(node + 4)
      const value = node + NODE + page.readUInt16LE(node + 6)
      const isBig = levels === 1 && (flags & BIG_VALUE) !== 0
      const end = value + (levels > 1 ? 0 : isBig ? BIG_VALUE_BYTES : number)
      if (end > this.#pageSize) return false
      if (levels > 1) places.push({ page: number + flags * 0x100000000, levels: levels - 1 })
      if (isBig) bigValues.push({ first: Number(page.readBigUInt64LE(value)), pages: Number(page.readBigUInt64LE(value + 16)) })
    }
    return bigValues.every(value => this.#isBigValue(value))
  }

  #isBigValue ({ first, pages }: BigValue): boolean {
    for (let page = first; page < first + pages; page++) if (!this.#visit(page)) return false
    const page = this.#read(first)
    return pages > 0 && page.readBigUInt64LE(0) === BigInt(first) && (page.readUInt16LE(18) & OVERFLOW) !== 0
  }

  #visit (page: number): boolean {
    if (this.#seen[page] !== 0) return false
    this.#seen[page] = 1
    return true
  }

  #read (page: number): Buffer {
    readSync(this.#descriptor, this.#page, 0, this.#pageSize, page * this.#pageSize)
    return this.#page
  }
}
