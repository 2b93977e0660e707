/** Which requests the console answers, whoever sends them: its own names, its own page (H-1, H-2). */
import { isLoopbackAddress } from '@mcp/security'
import { guardFault, isForwarded, type GuardPolicy } from '@mcp/streamable-core'
import type { FastifyRequest } from 'fastify'
import type { Config } from './config.ts'

type Head = Pick<FastifyRequest, 'headers'>

/** The rule of the endpoint for `Host`; pages of other origins are told apart by {@link isForeign}. */
export function hostPolicy ({ host, allowedHosts }: Config): GuardPolicy {
  return { hosts: allowedHosts, origins: ['*'], loopback: host === 'localhost' || isLoopbackAddress(host) }
}

/** Why a request is turned away that came by a name this server does not have (DNS rebinding); `undefined`: it did not. */
export function hostFault ({ headers }: Head, policy: GuardPolicy): string | undefined {
  return guardFault(headers.host, undefined, policy)
}

/** Whether a page of another origin asks. CORS would let some of them read the answer; here none may. */
export function isForeign ({ headers }: Head): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}

/**
 * Whether the request may come from this machine itself. The address is that of the connection, never what a proxy says. A proxy on this
 * machine connects from here, too, and may add no header: `true` is no proof, so {@link Config.localAdmin} has to vouch for it.
 */
export function isFromHere (request: FastifyRequest): boolean {
  const { headers, socket } = request
  if (!isLoopbackAddress(socket.remoteAddress ?? '')) return false
  if (isForwarded(request)) return false
  return guardFault(headers.host, undefined, { hosts: undefined, origins: undefined, loopback: true }) === undefined
}

/** Whether whoever runs the server said that a proxy stands before it: then nobody is known to be on this machine. */
export function isBehindProxy ({ trustedProxies, publicUrl }: Config): boolean {
  if (trustedProxies !== undefined) return true
  if (publicUrl === undefined) return false
  const { hostname } = new URL(publicUrl)
  return hostname !== 'localhost' && !isLoopbackAddress(hostname.replace(/^\[|\]$/g, ''))
}
