import { ListChanged, RESOURCE_UPDATED } from '@mcp/protocol'

/** Whether a notification tells of a change, which concerns no single request (C-17). */
export function isChange (method: string): boolean {
  return Object.hasOwn(ListChanged, method) || method === RESOURCE_UPDATED
}

const SURVIVING: ReadonlySet<string> = new Set([
  'notifications/message', 'notifications/tasks/status', 'notifications/elicitation/complete'
])

/** Whether a notification means something to the client after the request that brought it about was answered. */
export function survivesAnswer (method: string): boolean {
  return SURVIVING.has(method)
}
