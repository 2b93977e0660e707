/** Which entries of the catalogue a message is about. */
import { isObject, type CatalogueKind, type JsonRpcNotification, type JsonRpcRequest } from '@mcp/protocol'

export interface Target {
  readonly kind: CatalogueKind
  readonly name: string
}

const NAMED: Readonly<Record<string, readonly [kind: CatalogueKind, member: string]>> = {
  'tools/call': ['tool', 'name'],
  'prompts/get': ['prompt', 'name'],
  'resources/read': ['resource', 'uri'],
  'resources/subscribe': ['resource', 'uri'],
  'resources/unsubscribe': ['resource', 'uri']
}

const NOTHING: readonly Target[] = []

/** What every client needs before it can do anything, and what shows no more than rules let it show. */
const BASIC: ReadonlySet<string> = new Set([
  'initialize', 'ping', 'server/discover', 'logging/setLevel', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'
])

/** Methods that every authenticated client may call, also where the default policy is `deny`. */
export function isBasic (method: string): boolean {
  return BASIC.has(method) || method.startsWith('notifications/')
}

/** Whether messages of this method are about entries of the catalogue. */
export function hasTargets (method: string): boolean {
  return Object.hasOwn(NAMED, method) || method === 'completion/complete'
}

export function targetsOf ({ method, params }: JsonRpcRequest | JsonRpcNotification): readonly Target[] {
  if (params === undefined) return NOTHING
  if (method === 'completion/complete') return completed(params.ref)
  if (method === 'subscriptions/listen') return watched(params.notifications)
  const named = Object.hasOwn(NAMED, method) ? NAMED[method] : undefined
  const name = named === undefined ? undefined : params[named[1]]
  return named === undefined || typeof name !== 'string' ? NOTHING : [{ kind: named[0], name }]
}

function completed (ref: unknown): readonly Target[] {
  if (!isObject(ref)) return NOTHING
  if (typeof ref.name === 'string' && ref.type === 'ref/prompt') return [{ kind: 'prompt', name: ref.name }]
  return typeof ref.uri === 'string' ? [{ kind: 'resource', name: ref.uri }] : NOTHING
}

/** A listen may name many resources. */
function watched (filter: unknown): readonly Target[] {
  const uris = isObject(filter) ? filter.resourceSubscriptions : undefined
  return Array.isArray(uris) ? uris.filter(uri => typeof uri === 'string').map(name => ({ kind: 'resource', name })) : NOTHING
}
