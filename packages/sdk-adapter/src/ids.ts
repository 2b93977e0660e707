import { randomBytes } from 'node:crypto'

// Random per process, so that no client id looks like one of ours by accident.
const prefix = `adapter-${randomBytes(9).toString('base64url')}-`
let count = 0

/** A request id no client uses, for requests of the adapter's own and in place of ids that are taken. */
export function ownId (): string {
  return prefix + (++count)
}
