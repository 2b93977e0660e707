/** What a legacy server keeps between messages and a rebuilt one must be told again: log level and subscriptions. */
import type { JsonObject, JsonRpcRequest } from '@mcp/protocol'

const LOG_LEVEL = 'sdk:log-level'
/** One key per subscription, so that two nodes adding one each at a time do not overwrite each other. */
const SUBSCRIPTION = 'sdk:subscription:'
/** Clients choose how many there are and storage keeps them, so there is an end to it. */
const MAX_SUBSCRIPTIONS = 1000

/** How a successful request changes the state of its session; `undefined` when it does not. */
export function stickyPatch (request: JsonRpcRequest, state: Readonly<JsonObject>): JsonObject | undefined {
  switch (request.method) {
    case 'logging/setLevel':
      return { [LOG_LEVEL]: request.params?.level }
    case 'resources/subscribe': {
      const key = SUBSCRIPTION + String(request.params?.uri)
      return key in state || subscriptions(state).length >= MAX_SUBSCRIPTIONS ? undefined : { [key]: true }
    }
    case 'resources/unsubscribe': {
      const key = SUBSCRIPTION + String(request.params?.uri)
      return key in state ? { [key]: undefined } : undefined
    }
    default:
      return undefined
  }
}

/** The requests that bring a rebuilt server into the state its predecessor had. */
export function stickyRequests (state: Readonly<JsonObject>): Array<{ method: string, params: JsonObject }> {
  const requests = subscriptions(state).map(uri => ({ method: 'resources/subscribe', params: { uri } as JsonObject }))
  if (state[LOG_LEVEL] !== undefined) requests.unshift({ method: 'logging/setLevel', params: { level: state[LOG_LEVEL] } })
  return requests
}

function subscriptions (state: Readonly<JsonObject>): string[] {
  return Object.keys(state)
    .filter(key => key.startsWith(SUBSCRIPTION) && state[key] !== undefined)
    .map(key => key.slice(SUBSCRIPTION.length))
}
