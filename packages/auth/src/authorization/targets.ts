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
