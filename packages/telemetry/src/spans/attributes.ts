/** What a span says of a call, in the words of the semantic conventions. */
import { isErrorResponse, type CallEnd, type ObservedCall } from '@mcp/protocol'
import type { Attributes } from '@opentelemetry/api'
import { targetOf } from '../vocabulary.ts'

const LONGEST = 128
const LONGEST_URI = 256
const WITH_URI: ReadonlySet<string> = new Set(['resources/read', 'resources/subscribe', 'resources/unsubscribe'])

export function attributesOf ({ message, revision, session }: ObservedCall): Attributes {
  const attributes: Attributes = {
    'mcp.method.name': cut(message.method),
    'mcp.protocol.version': revision,
    'network.transport': 'tcp',
    'network.protocol.name': 'http'
  }
  if (session !== null) attributes['mcp.session.id'] = shortId(session.id)
  if ('id' in message) attributes['jsonrpc.request.id'] = cut(String(message.id))
  const { name, uri } = message.params ?? {}
  const target = targetOf(message.method)
  if (target === 'tool') attributes['gen_ai.operation.name'] = 'execute_tool'
  if (target !== null && typeof name === 'string') attributes[`gen_ai.${target}.name`] = cut(name)
  if (typeof uri === 'string' && WITH_URI.has(message.method)) attributes['mcp.resource.uri'] = plainUri(uri)
  return attributes
}

/** The JSON-RPC error a call ended with. */
export function errorOf (end: CallEnd): { readonly code: string, readonly message: string } | null {
  if (end.kind !== 'answered' || !isErrorResponse(end.response)) return null
  const { code, message } = end.response.error
  return { code: String(code), message: message.slice(0, LONGEST_URI) }
}

/** As logs show it: enough to tell sessions apart, too little to use one (H-20). */
function shortId (id: string): string {
  return id.length <= 8 ? '…' : id.slice(0, 6) + '…'
}

/** Queries and user names are where URIs keep secrets. */
function plainUri (uri: string): string {
  return uri.replace(/[?#].*$/s, '').replace(/^([^/]*:\/\/)[^/@]*@/, '$1').slice(0, LONGEST_URI)
}

function cut (word: string): string {
  return word.length > LONGEST ? word.slice(0, LONGEST) : word
}
