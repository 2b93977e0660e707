import { CORS_ALLOWED_HEADERS, CORS_EXPOSED_HEADERS, Header } from '@mcp/protocol'
import type { FastifyCorsOptions } from '@fastify/cors'
import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from './config.ts'

const METHODS = ['GET', 'POST', 'DELETE']
const MAX_AGE_S = 600

/**
 * Whether pages of this origin may call the server: it is listed (`scheme://*` lists a whole scheme, for browser
 * extensions), or nothing is listed and both server and page are on this machine.
 */
export function isAllowedOrigin (origin: string, { allowedOrigins, host }: Config): boolean {
  if (allowedOrigins === undefined) return isLoopback(host) && isLoopback(hostOf(origin))
  const scheme = origin.slice(0, origin.indexOf('://'))
  return allowedOrigins.some(allowed => allowed.toLowerCase() === origin.toLowerCase() || allowed === `${scheme}://*`)
}

/** What CORS allows the page behind this request: nothing, unless its origin is allowed. */
export function corsOptions (headers: IncomingHttpHeaders, config: Config): FastifyCorsOptions {
  const { origin } = headers
  if (origin === undefined || !isAllowedOrigin(origin, config)) return { origin: false }
  return {
    origin: true,
    methods: METHODS,
    allowedHeaders: [...CORS_ALLOWED_HEADERS, ...requestedParams(headers)],
    exposedHeaders: [...CORS_EXPOSED_HEADERS],
    maxAge: MAX_AGE_S
  }
}

/** Whether a host (a name or an address, brackets allowed) is this machine as seen from itself. */
export function isLoopback (host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

/** Headers that mirror tool arguments have any name, so those a page asks for are allowed by their prefix. */
function requestedParams (headers: IncomingHttpHeaders): string[] {
  const requested = headers['access-control-request-headers']?.split(',') ?? []
  return requested.map(name => name.trim()).filter(name => name.toLowerCase().startsWith(Header.ParamPrefix))
}

function hostOf (origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : ''
}
