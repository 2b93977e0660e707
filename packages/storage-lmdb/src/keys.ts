/**
 * Where everything lies in the one tree of the file. The first byte says what it is, names carry their length in front so
 * that none is the beginning of another, and numbers are big-endian so that keys sort as they count.
 */
import { createHash } from 'node:crypto'

/** A name of any length (session, stream, node, principal) as a part of a key. */
export type Name = Buffer

const LONGEST_NAME = 250
const HASHED = 255
const MAX_NUMBER = 2 ** 48 - 1

const SESSION = 0x73 // s
const PRINCIPAL = 0x70 // p
const HANDSHAKE = 0x68 // h
const EXPIRY = 0x78 // x
const LOG_DUE = 0x6c // l
const NODE = 0x6e // n
const BUS = 0x62 // b

// What belongs to one session lies together, so that a change to it is a change to few pages.
const RECORD = 0
const HEAD = 1
const STREAM = 2
const ORDER = 3
const CHUNK = 4
const LOG_END = 5

export const FORMAT_KEY = Buffer.from('m:format')
export const SESSION_COUNT_KEY = Buffer.from('m:sessions')
export const BUS_RANGE_KEY = Buffer.from('m:bus')
export const PROCESSES_KEY = Buffer.from('m:processes')

export function nameOf (text: string): Name {
  const length = Buffer.byteLength(text)
  if (length > LONGEST_NAME) return Buffer.concat([Buffer.of(HASHED), createHash('sha256').update(text).digest()])
  const name = Buffer.allocUnsafe(length + 1)
  name[0] = length
  name.write(text, 1)
  return name
}

export const sessionKey = (session: Name): Buffer => keyOf(SESSION, session, RECORD)
export const principalKey = (principal: Name): Buffer => keyOf(PRINCIPAL, principal)
export const handshakeKey = (digest: Buffer): Buffer => keyOf(HANDSHAKE, digest)
export const nodeKey = (node: Name): Buffer => keyOf(NODE, node)
export const headKey = (session: Name): Buffer => keyOf(SESSION, session, HEAD)
export const streamKey = (session: Name, stream: Name): Buffer => keyOf(SESSION, session, STREAM, stream)
/** `sequence` counts what was appended to a session, over all its streams. */
export const orderKey = (session: Name, sequence: number): Buffer => keyOf(SESSION, session, ORDER, numberOf(sequence))
/** `last` is the position of the last event in the chunk: the first chunk at or after a position is the one that has it. */
export const chunkKey = (session: Name, stream: Name, last: number): Buffer => keyOf(SESSION, session, CHUNK, stream, numberOf(last))
export const expiryKey = (at: number, session: Name): Buffer => keyOf(EXPIRY, numberOf(at), session)
export const logDueKey = (at: number, session: Name): Buffer => keyOf(LOG_DUE, numberOf(at), session)
export const busKey = (sequence: number): Buffer => keyOf(BUS, numberOf(sequence))

/** From the first key to the one behind the last. */
export interface KeyRange {
  readonly start: Buffer
  readonly end: Buffer
}

export const logRange = (session: Name): KeyRange => ({ start: headKey(session), end: keyOf(SESSION, session, LOG_END) })
export const expiredUntil = (now: number): KeyRange => ({ start: Buffer.of(EXPIRY), end: keyOf(EXPIRY, numberOf(now + 1)) })
export const logsDueUntil = (now: number): KeyRange => ({ start: Buffer.of(LOG_DUE), end: keyOf(LOG_DUE, numberOf(now + 1)) })
export const allNodes: KeyRange = { start: Buffer.of(NODE), end: Buffer.of(NODE + 1) }
export const busBetween = (first: number, next: number): KeyRange => ({ start: busKey(first), end: busKey(next) })

/** The two parts of an {@link expiryKey} or a {@link logDueKey}. */
export function splitDueKey (key: Buffer): { at: number, session: Name } {
  return { at: key.readUIntBE(1, 6), session: key.subarray(7) }
}

/** A moment as it stands in keys: whole milliseconds, never before the moment itself. */
export function wholeMs (time: number): number {
  return Math.min(Math.max(Math.ceil(time), 0), MAX_NUMBER)
}

function numberOf (value: number): Buffer {
  const bytes = Buffer.allocUnsafe(6)
  bytes.writeUIntBE(wholeMs(value), 0, 6)
  return bytes
}

function keyOf (...parts: ReadonlyArray<number | Buffer>): Buffer {
  let length = 0
  for (const part of parts) length += typeof part === 'number' ? 1 : part.length
  const key = Buffer.allocUnsafe(length)
  let offset = 0
  for (const part of parts) {
    if (typeof part === 'number') key[offset++] = part
    else {
      key.set(part, offset)
      offset += part.length
    }
  }
  return key
}
