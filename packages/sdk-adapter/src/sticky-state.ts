/** What a legacy server keeps between messages and a rebuilt one must be told again: log level and subscriptions. */
import { isSubscribed, subscribedUris, subscriptionKey, type JsonObject, type JsonRpcRequest } from '@mcp/protocol'

const LOG_LEVEL = 'sdk:log-level'
/** Clients choose how many there are and storage keeps them, so there is an end to it. */
const MAX_SUBSCRIPTIONS = 1000
/** Characters of all their URIs: each request of the session may read them. */
const MAX_CHARACTERS = 128 * 1024

/** How a successful request changes the state of its session; `undefined` when it does not. */
export function stickyPatch (request: JsonRpcRequest, state: Readonly<JsonObject>): JsonObject | undefined {
  switch (request.method) {
    case 'logging/setLevel':
      return { [LOG_LEVEL]: request.params?.level }
    case 'resources/subscribe': {
      const uri = String(request.params?.uri)
      return isSubscribed(state, uri) || isFull(subscribedUris(state), uri) ? undefined : { [subscriptionKey(uri)]: true }
    }
    case 'resources/unsubscribe': {
      const uri = String(request.params?.uri)
      return isSubscribed(state, uri) ? { [subscriptionKey(uri)]: undefined } : undefined
    }
    default:
      return undefined
  }
}

function isFull (uris: readonly string[], next: string): boolean {
  return uris.length >= MAX_SUBSCRIPTIONS || uris.reduce((sum, uri) => sum + uri.length, next.length) > MAX_CHARACTERS
}

/** The requests that bring a rebuilt server into the state its predecessor had. */
export function stickyRequests (state: Readonly<JsonObject>): Array<{ method: string, params: JsonObject }> {
  const requests = subscribedUris(state).map(uri => ({ method: 'resources/subscribe', params: { uri } as JsonObject }))
  if (state[LOG_LEVEL] !== undefined) requests.unshift({ method: 'logging/setLevel', params: { level: state[LOG_LEVEL] } })
  return requests
}
