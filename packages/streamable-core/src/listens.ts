/** `subscriptions/listen`: acknowledged first, filtered, kept alive, and ended with a result (E-31…E-41). */
import {
  isObject, ListChanged, MetaKey, RESOURCE_UPDATED, type JsonObject, type JsonRpcNotification, type JsonRpcRequest, type RequestId
} from '@mcp/protocol'
import { messageFrame, type SseConnection } from '@mcp/sse'

/** What a client asked to hear of, or what of it was honoured. */
export interface ListenFilter {
  toolsListChanged?: boolean
  promptsListChanged?: boolean
  resourcesListChanged?: boolean
  resourceSubscriptions?: string[]
}

export interface FilterLimits {
  readonly listenUris: number
  readonly uriCharacters: number
}

const FLAGS = Object.values(ListChanged)

/** The filter of a listen request, or the sentence that says what is wrong with it. */
export function readFilter (request: JsonRpcRequest, limits: FilterLimits): ListenFilter | string {
  const asked = request.params?.notifications
  if (!isObject(asked)) return 'params.notifications must be an object'
  const filter: ListenFilter = {}
  for (const flag of FLAGS) {
    const value = asked[flag]
    if (value !== undefined && typeof value !== 'boolean') return `params.notifications.${flag} must be a boolean`
    if (value === true) filter[flag] = true
  }
  const uris = asked.resourceSubscriptions
  if (uris === undefined) return filter
  if (!Array.isArray(uris) || !uris.every(uri => typeof uri === 'string')) return 'params.notifications.resourceSubscriptions must be a list of URIs'
  const { listenUris, uriCharacters } = limits
  if (uris.length > listenUris) return `params.notifications.resourceSubscriptions holds at most ${listenUris} URIs, got ${uris.length}`
  if (uris.some(uri => uri.length > uriCharacters)) return `params.notifications.resourceSubscriptions holds a URI longer than ${uriCharacters} characters`
  filter.resourceSubscriptions = [...new Set<string>(uris)]
  return filter
}

/** The part of a filter that a server with these capabilities can honour. */
export function honoured (filter: ListenFilter, capabilities: JsonObject): ListenFilter {
  const can = (capability: string, feature: string): boolean => {
    const value = capabilities[capability]
    return isObject(value) && value[feature] === true
  }
  const ack: ListenFilter = {}
  if (filter.toolsListChanged === true && can('tools', 'listChanged')) ack.toolsListChanged = true
  if (filter.promptsListChanged === true && can('prompts', 'listChanged')) ack.promptsListChanged = true
  if (filter.resourcesListChanged === true && can('resources', 'listChanged')) ack.resourcesListChanged = true
  if (filter.resourceSubscriptions !== undefined && can('resources', 'subscribe')) ack.resourceSubscriptions = filter.resourceSubscriptions
  return ack
}

/** One open listen. Its messages find it by connection alone: ids are the clients' choice and may be equal. */
export class Listen {
  readonly #id: RequestId
  readonly #filter: ListenFilter
  readonly #uris: ReadonlySet<string>
  readonly #serverInfo: unknown
  readonly #connection: SseConnection

  /** `serverInfo`: what the application calls itself, if it does; its last message says so (E-7). */
  constructor (id: RequestId, filter: ListenFilter, serverInfo: unknown, connection: SseConnection) {
    this.#id = id
    this.#filter = filter
    this.#uris = new Set(filter.resourceSubscriptions)
    this.#serverInfo = serverInfo
    this.#connection = connection
  }

  acknowledge (): void {
    this.#write({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: { notifications: this.#filter } })
  }

  /** Whether this notification was asked for. */
  wants (notification: JsonRpcNotification): boolean {
    if (notification.method === RESOURCE_UPDATED) return this.#uris.has(String(notification.params?.uri))
    const flag = ListChanged[notification.method as keyof typeof ListChanged]
    return flag !== undefined && this.#filter[flag] === true
  }

  /** A notification for each thing that was asked for. */
  everything (): JsonRpcNotification[] {
    const lists = Object.entries(ListChanged).filter(([, flag]) => this.#filter[flag] === true)
    return [
      ...lists.map(([method]): JsonRpcNotification => ({ jsonrpc: '2.0', method })),
      ...[...this.#uris].map((uri): JsonRpcNotification => ({ jsonrpc: '2.0', method: RESOURCE_UPDATED, params: { uri } }))
    ]
  }

  deliver (notification: JsonRpcNotification): void {
    this.#write(notification)
  }

  /** Tells the client that this is the end and not an accident. */
  end (): void {
    const named = this.#serverInfo === undefined ? {} : { [MetaKey.ServerInfo]: this.#serverInfo }
    const result = { resultType: 'complete', _meta: { [MetaKey.SubscriptionId]: this.#id, ...named } }
    this.#connection.end(messageFrame(JSON.stringify({ jsonrpc: '2.0', id: this.#id, result })), 1)
  }

  #write (notification: JsonRpcNotification): void {
    const given = notification.params?._meta
    const _meta = { ...(isObject(given) ? given : {}), [MetaKey.SubscriptionId]: this.#id }
    this.#connection.write(messageFrame(JSON.stringify({ ...notification, params: { ...notification.params, _meta } })), 1)
  }
}
