/** The host and origin guard over requests: before any body is read (B-1). */
import { ErrorCode } from '@mcp/protocol'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { exposeHeaders } from './cors-headers.ts'
import { isForwarded } from './forwarded.ts'
import { guardFault, isLoopbackAddress, type GuardPolicy } from './guard.ts'
import type { Settings } from './options.ts'
import { sendRefusal } from './refusal.ts'

/** Whether a request may pass; one that may not is answered already. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => boolean

/** In place of a host: two headers name different ones. No valid host has a space. */
const AMBIGUOUS = ' '

const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i

/** Pairs of headers that passed before, so that the usual client costs a look-up. Bounded; refusals are not kept. */
const REMEMBER_AT_MOST = 256

/** Node keeps 2,000 and leaves out what is beyond, so the field that matters could be missing. */
const MOST_FIELDS = 256

const EXPOSED = 'the MCP endpoint is reachable from other machines, accepts any Host and has no authentication'
const SOCKET = 'the MCP endpoint listens on a Unix socket, where a proxy may pass on requests of other machines, and has no authentication'
const FORWARDED = 'a proxy passed this request on, but the MCP endpoint serves only its own machine until you set allowedHosts or register @mcp/auth'

export function createGuard (fastify: FastifyInstance, settings: Settings): Guard {
  const cors = fastify.mcpPageOrigins?.cors
  let policy: GuardPolicy = { hosts: settings.allowedHosts, origins: settings.allowedOrigins, cors, loopback: true }
  const passed = new Set<string>()
  /** Anybody could reach the endpoint, and nobody said that this is meant (H-5). */
  let closed: string | null = null
  /** The `Host` of the last request without `Origin` that passed. */
  let usual: string | undefined
  // A predicate may change its mind.
  const remembers = typeof policy.hosts !== 'function' && typeof policy.origins !== 'function' && typeof policy.cors !== 'function'

  fastify.addHook('onListen', async () => {
    const addresses = fastify.addresses()
    const loopback = addresses.every(bound => typeof bound !== 'string' && isLoopbackAddress(bound.address))
    policy = { ...policy, loopback }
    passed.clear()
    usual = undefined
    if (loopback || policy.hosts !== undefined || policy.origins !== undefined || fastify.mcpAuth !== undefined) return
    closed = addresses.some(bound => typeof bound === 'string') ? SOCKET : EXPOSED
    fastify.log.error(`${closed}; it rejects every request until you set allowedHosts (['*'] for any), allowedOrigins, or register @mcp/auth`)
  })

  /** A predicate that throws lets nobody in. */
  const faultOf = (host: string | undefined, origin: string | undefined): string | undefined => {
    try {
      return guardFault(host, origin, policy)
    } catch (error) {
      fastify.log.error({ err: error }, 'a function in allowedHosts or allowedOrigins threw')
      return 'the host or origin of the request cannot be checked'
    }
  }

  return (request, reply) => {
    const { origin } = request.raw.headers
    if (origin !== undefined) exposeHeaders(reply)
    const host = authorityOf(request.raw.headers, request.raw.url)
    if (closed !== null) return turnAway(reply, 403, `Forbidden: ${closed}`)
    // On a loopback address without a policy every caller is taken for one of this machine. A proxy here connects from here, too.
    if (policy.hosts === undefined && policy.loopback && fastify.mcpAuth === undefined && isForwarded(request)) {
      return turnAway(reply, 403, `Forbidden: ${FORWARDED}`)
    }
    const { rawHeaders } = request.raw
    if (rawHeaders.length > 2 * MOST_FIELDS) return turnAway(reply, 431, `The request has more than ${MOST_FIELDS} header fields`)
    const repeated = repeatedField(rawHeaders)
    if (repeated !== null) return turnAway(reply, 400, `The ${repeated} header was sent more than once`)
    if (host === AMBIGUOUS) return turnAway(reply, 400, 'The request names two different hosts: in Host, and in :authority or its target')
    // Most requests come from clients that are no browsers, by the same name.
    if (origin === undefined && host !== undefined && host === usual) return true
    const key = `${host} ${origin ?? ''}`
    if (passed.has(key)) return true
    const fault = faultOf(host, origin)
    if (fault !== undefined) return turnAway(reply, 403, `Forbidden: ${fault}`)
    if (remembers && origin === undefined) usual = host
    else if (remembers && passed.size < REMEMBER_AT_MOST) passed.add(key)
    return true
  }
}

/**
 * The host a request names: `:authority` on HTTP/2, else `Host`. What stands behind us may look at either, and on HTTP/1 at a request
 * target that is a whole URL. Where two of them differ the answer is {@link AMBIGUOUS} (RFC 9113 §8.3.1, RFC 9112 §3.2.2).
 */
function authorityOf (headers: IncomingHttpHeaders, target: string | undefined): string | undefined {
  const { host } = headers
  const named = headers[':authority'] ?? (target === undefined || target.startsWith('/') ? host : ABSOLUTE.exec(target)?.[1])
  if (named === host || typeof named !== 'string') return host
  return host === undefined || host.toLowerCase() === named.toLowerCase() ? named : AMBIGUOUS
}

function turnAway (reply: FastifyReply, status: number, message: string): false {
  sendRefusal(reply, { kind: 'refused', rung: 'guard', status, id: undefined, code: ErrorCode.InvalidRequest, message })
  return false
}

/** Of these Node keeps the first, a proxy before it maybe the last: nobody sends them twice without a reason (RFC 9112 §3.2). */
function repeatedField (rawHeaders: readonly string[]): string | null {
  let hosts = 0
  let types = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
    else if (name?.length === 12 && name.toLowerCase() === 'content-type') types++
  }
  if (hosts > 1) return 'Host'
  return types > 1 ? 'Content-Type' : null
}
