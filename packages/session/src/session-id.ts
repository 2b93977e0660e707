/** Session ids: unguessable, and never whole in a log. */
import { randomBytes } from 'node:crypto'

const ENTROPY_BYTES = 24
const MAX_LENGTH = 128
const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/** 192 bits from the system's generator, in characters every header takes (D-2). */
export function newSessionId (): string {
  return randomBytes(ENTROPY_BYTES).toString('base64url')
}

/** Whether a received value could be a session id at all. A repeated header arrives joined by comma and space (D-3). */
export function couldBeSessionId (value: string): boolean {
  return value.length <= MAX_LENGTH && VISIBLE_ASCII.test(value)
}

/** Enough of an id to tell sessions apart in a log, too little to use one (D-18). */
export function shortSessionId (id: string): string {
  return id.length <= 8 ? '…' : id.slice(0, 6) + '…'
}
