/** A session as bytes: what changes or is compared often, the name of its handshake, then the rest as JSON. */
import type { SessionRecord } from '@mcp/storage'

/** What of a record is JSON text in its entry. */
export type SessionRest = Omit<SessionRecord, 'id' | 'expiresAt' | 'handshake'>

const EXPIRES_AT = 0
const DUE_AT = 8
const STAMP = 16
const DIGEST = 24
const REST = 40

export interface SessionEntry {
  /** When the session expires. */
  readonly expiresAt: number
  /** Under which moment it stands among those that will expire: never after `expiresAt`. */
  readonly dueAt: number
  /** Names the handshake. */
  readonly digest: Buffer
  readonly rest: SessionRest
}

export function encodeSession ({ expiresAt, dueAt, digest, rest }: SessionEntry): Buffer {
  const { endpoint, revision, principalKey, createdAt, state, owner } = rest
  const json = JSON.stringify([endpoint, revision, principalKey, createdAt, state, owner])
  const bytes = Buffer.allocUnsafe(REST + Buffer.byteLength(json))
  bytes.writeDoubleLE(expiresAt, EXPIRES_AT)
  bytes.writeDoubleLE(dueAt, DUE_AT)
  // Two contents of one session have different stamps, so that a reader sees without parsing whether it knows this one.
  bytes.writeDoubleLE(Math.random(), STAMP)
  bytes.set(digest, DIGEST)
  bytes.write(json, REST)
  return bytes
}

export function decodeRest (bytes: Buffer): SessionRest {
  const [endpoint, revision, principalKey, createdAt, state, owner] = JSON.parse(bytes.toString('utf8', REST))
  return { endpoint, revision, principalKey, createdAt, state, ...(typeof owner === 'string' ? { owner } : {}) }
}

export const expiresAtOf = (bytes: Buffer): number => bytes.readDoubleLE(EXPIRES_AT)
export const dueAtOf = (bytes: Buffer): number => bytes.readDoubleLE(DUE_AT)
export const stampOf = (bytes: Buffer): number => bytes.readDoubleLE(STAMP)
export const digestOf = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(DIGEST, REST))

/** A copy with other times. */
export function withTimes (bytes: Buffer, expiresAt: number, dueAt: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeDoubleLE(expiresAt, EXPIRES_AT)
  copy.writeDoubleLE(dueAt, DUE_AT)
  return copy
}
