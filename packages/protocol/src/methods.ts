/** What the transport has to know of individual methods. */

/** Methods earlier revisions have and 2026-07-28 does not (B-19). */
const REMOVED_IN_MODERN: ReadonlySet<string> = new Set([
  'initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'
])

export function isRemovedInModern (method: string): boolean {
  return REMOVED_IN_MODERN.has(method)
}

/** The member of `params` that `Mcp-Name` mirrors, for methods that need it (E-13, K-71); other methods named `tasks/…` do not (K-73). */
export function mirroredName (method: string): 'name' | 'uri' | 'taskId' | undefined {
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      return 'name'
    case 'resources/read':
      return 'uri'
    case 'tasks/get':
    case 'tasks/update':
    case 'tasks/cancel':
      return 'taskId'
    default:
      return undefined
  }
}

/** What clients send, in any revision or extension that this project knows. */
const CLIENT_METHODS: readonly string[] = [
  'initialize', 'ping', 'server/discover', 'completion/complete', 'logging/setLevel', 'prompts/get', 'prompts/list', 'resources/list',
  'resources/read', 'resources/subscribe', 'resources/templates/list', 'resources/unsubscribe', 'subscriptions/listen', 'tasks/cancel',
  'tasks/get', 'tasks/list', 'tasks/result', 'tasks/update', 'tools/call', 'tools/list', 'notifications/cancelled',
  'notifications/initialized', 'notifications/progress', 'notifications/roots/list_changed', 'notifications/tasks/status'
]

/** The methods that clients send: requests and notifications of every revision and of the tasks extension. */
export function clientMethods (): readonly string[] {
  return CLIENT_METHODS
}

const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read'
])

/** Whether complete results of this method carry `ttlMs` and `cacheScope` (E-51). */
export function isCacheable (method: string): boolean {
  return CACHEABLE.has(method)
}

const INPUT_REQUIRED: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Whether this method may answer `input_required` (E-55). */
export function mayRequireInput (method: string): boolean {
  return INPUT_REQUIRED.has(method)
}

/** Change notifications: what `subscriptions/listen` filters and legacy standalone streams carry. */
export const ListChanged = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged'
} as const

export const RESOURCE_UPDATED = 'notifications/resources/updated'
