import type { JsonObject } from '@mcp/protocol'
import type { SessionRecord } from '@mcp/storage'

/** Before the names of state entries among the fields of a session's hash. */
const STATE = 's:'

/** A session as a script takes it. Times are whole milliseconds. */
export function encodeSession (record: SessionRecord): { expires: number, text: string, owner: string, state: string[] } {
  const { id, endpoint, revision, principalKey, owner, handshake, createdAt, expiresAt, state } = record
  const text = JSON.stringify({ id, endpoint, revision, principalKey, owner, handshake, createdAt })
  return { expires: Math.ceil(expiresAt), text, owner: owner ?? principalKey, state: stateChanges(state).set }
}

/** Fields and values to set, by turns, and the fields to remove. */
export function stateChanges (patch: JsonObject): { set: string[], removed: string[] } {
  const set: string[] = []
  const removed: string[] = []
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) removed.push(STATE + name)
    else set.push(STATE + name, JSON.stringify(value))
  }
  return { set, removed }
}

/** The session in a hash; `undefined` where there is none, or it has expired. */
export function sessionFrom (hash: Record<string, string>): SessionRecord | undefined {
  const { record, expires } = hash
  const expiresAt = Number(expires)
  if (record === undefined || !(expiresAt > Date.now())) return undefined
  const state: Array<[name: string, value: JsonObject[string]]> = []
  for (const [field, value] of Object.entries(hash)) {
    if (field.startsWith(STATE)) state.push([field.slice(STATE.length), JSON.parse(value)])
  }
  return { ...JSON.parse(record), expiresAt, state: Object.fromEntries(state) }
}
