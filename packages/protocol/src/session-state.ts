/** Keys of a session's sticky state that transport and applications agree on. */
import type { JsonObject } from './json-rpc.ts'

const SUBSCRIPTION = 'subscription:'

/** Set (to `true`) while the session is subscribed to a resource. One key each, so that nodes do not overwrite each other. */
export function subscriptionKey (uri: string): string {
  return SUBSCRIPTION + uri
}

export function isSubscribed (state: Readonly<JsonObject>, uri: string): boolean {
  return state[SUBSCRIPTION + uri] !== undefined
}

/** URIs the session is subscribed to. */
export function subscribedUris (state: Readonly<JsonObject>): string[] {
  return Object.keys(state)
    .filter(key => key.startsWith(SUBSCRIPTION) && state[key] !== undefined)
    .map(key => key.slice(SUBSCRIPTION.length))
}
