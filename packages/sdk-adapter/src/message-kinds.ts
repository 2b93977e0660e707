import { ListChanged, RESOURCE_UPDATED, type JsonRpcNotification, type JsonRpcRequest } from '@mcp/protocol'

/** Tells of a change, which concerns no single request. */
export interface ChangeNotification extends JsonRpcNotification {
  method: keyof typeof ListChanged | typeof RESOURCE_UPDATED
  params?: { uri?: string, [key: string]: unknown }
}

/** Whether a message tells of a change, and so belongs on no request's stream (C-17). */
export function isChange (message: JsonRpcRequest | JsonRpcNotification): message is ChangeNotification {
  return Object.hasOwn(ListChanged, message.method) || message.method === RESOURCE_UPDATED
}

const SURVIVING: ReadonlySet<string> = new Set([
  'notifications/message', 'notifications/tasks/status', 'notifications/elicitation/complete'
])

/** Whether a notification means something to the client after the request that brought it about was answered. */
export function survivesAnswer (method: string): boolean {
  return SURVIVING.has(method)
}
