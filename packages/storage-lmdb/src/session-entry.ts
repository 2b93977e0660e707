/** A session as bytes: three numbers that change or are compared often, then the rest as JSON. */
import type { SessionRecord } from '@mcp/storage'

/** What of a record is JSON text in its entry. */
type Body = Omit<SessionRecord, 'id' | 'expiresAt'>

const EXPIRES_AT = 0
const DUE_AT = 8
const STAMP = 16
const BODY = 24

export interface SessionEntry {
  /** When the session expires. */
  readonly expiresAt: number
  /** Under which moment it stands among those that will expire: never after `expiresAt`. */
  readonly dueAt: number
  readonly body: Body
}

export function encodeSession ({ expiresAt, dueAt, body }: SessionEntry): Buffer {
  const json = JSON.stringify(body)
  const bytes = Buffer.allocUnsafe(BODY + Buffer.byteLength(json))
  bytes.writeDoubleLE(expiresAt, EXPIRES_AT)
  bytes.writeDoubleLE(dueAt, DUE_AT)
  // Two bodies of one session have different stamps, so that a reader sees without parsing whether it knows this one.
  bytes.writeDoubleLE(Math.random(), STAMP)
  bytes.write(json, BODY)
  return bytes
}

export function bodyOf ({ endpoint, revision, principalKey, handshake, createdAt, state }: SessionRecord): Body {
  return { endpoint, revision, principalKey, handshake, createdAt, state }
}

export function decodeBody (bytes: Buffer): Body {
  return JSON.parse(bytes.toString('utf8', BODY, bytes.length))
}

export const expiresAtOf = (bytes: Buffer): number => bytes.readDoubleLE(EXPIRES_AT)
export const dueAtOf = (bytes: Buffer): number => bytes.readDoubleLE(DUE_AT)
export const stampOf = (bytes: Buffer): number => bytes.readDoubleLE(STAMP)

/** A copy with other times and the same body. */
export function withTimes (bytes: Buffer, expiresAt: number, dueAt: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeDoubleLE(expiresAt, EXPIRES_AT)
  copy.writeDoubleLE(dueAt, DUE_AT)
  return copy
}
