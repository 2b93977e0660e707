/** A message on its way from the node that took it to the node that holds the stream: it runs there with its own credential. */
import { isObject, messageKind, type JsonRpcMessage, type Principal } from '@mcp/protocol'
import type { MessageOrigin } from '@mcp/streamable-core'
import type { FastifyBaseLogger } from 'fastify'

export interface ForwardedMessage {
  readonly message: JsonRpcMessage
  readonly origin: ForwardedOrigin
}

type ForwardedOrigin = Omit<MessageOrigin, 'log'>

/** Credentials are not stored, so a header that may hold one stays on the node that took it. */
const CREDENTIAL = /auth|cookie|token|secret|key|password|session|assertion/i

export function forwarded (message: JsonRpcMessage, from: MessageOrigin): ForwardedMessage {
  const { mcpPrincipal, method, protocol, host, url, headers, ip } = from
  const token = mcpPrincipal?.token
  const origin = { mcpPrincipal: withoutToken(mcpPrincipal), method, protocol, host, url, ip, headers: withoutCredentials(headers, token) }
  return { message, origin }
}

/** `null` for what is none: an entry of an earlier version names no caller, so it must not run. */
export function forwardedFrom (entry: unknown, log: FastifyBaseLogger): { message: JsonRpcMessage, origin: MessageOrigin } | null {
  if (!isForwarded(entry)) return null
  return { message: entry.message, origin: { ...entry.origin, log } }
}

/** This package writes the entries, so a look at what identifies them is enough. */
function isForwarded (entry: unknown): entry is ForwardedMessage {
  if (!isObject(entry) || !isObject(entry.origin) || messageKind(entry.message) === null) return false
  const { mcpPrincipal, headers } = entry.origin
  return isObject(headers) && (mcpPrincipal === null || isObject(mcpPrincipal))
}

function withoutToken (principal: Principal | null): Principal | null {
  if (principal === null) return null
  const { token, claims, ...rest } = principal
  return claims === undefined ? rest : { ...rest, claims: asJson(claims, token) }
}

function withoutCredentials (headers: MessageOrigin['headers'], token: string | undefined): MessageOrigin['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => {
    return !CREDENTIAL.test(name) && (token === undefined || !String(value).includes(token))
  }))
}

/** Claims of a function given to `@mcp/auth` may hold anything. What JSON cannot say is left out, which never adds rights. */
function asJson (claims: Readonly<Record<string, unknown>>, token: string | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => {
    try {
      const text = JSON.stringify(value)
      return text !== undefined && (token === undefined || !text.includes(token))
    } catch {
      return false
    }
  }))
}
