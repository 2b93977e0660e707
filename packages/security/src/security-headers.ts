/** Security headers, by helmet. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fastifyHelmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import helmet, { type HelmetOptions } from 'helmet'

type Fields = Readonly<Record<string, string>>
type Middleware = ReturnType<typeof helmet>
/** By helmet's long names. Its types exist twice, once for each module system, and the two do not fit each other. */
type Named = Readonly<Record<string, unknown>>

/**
 * For an endpoint whose replies are data: nothing in them may load or be framed. What concerns documents alone is left out; a
 * route that serves pages adds it with its own `helmet` option. CORS decides about pages that ask by script;
 * `Cross-Origin-Resource-Policy` is about those that embed without asking, so it stays closed.
 */
const DEFAULTS: Named = {
  contentSecurityPolicy: { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } },
  xFrameOptions: { action: 'deny' },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false
}

/** Subdomains are somebody else's to decide about. */
const TRANSPORT_SECURITY = { maxAge: 180 * 24 * 3600, includeSubDomains: false }

/** helmet takes either name, and refuses both at once. */
const ALIASES: Readonly<Record<string, string>> = {
  hsts: 'strictTransportSecurity',
  noSniff: 'xContentTypeOptions',
  dnsPrefetchControl: 'xDnsPrefetchControl',
  ieNoOpen: 'xDownloadOptions',
  frameguard: 'xFrameOptions',
  permittedCrossDomainPolicies: 'xPermittedCrossDomainPolicies',
  hidePoweredBy: 'xPoweredBy',
  xssFilter: 'xXssProtection'
}

/**
 * Every reply gets the same fields, so helmet is asked for them once and not per request; routes with a `helmet` option of
 * their own are left to `@fastify/helmet`. `Strict-Transport-Security` is sent over https alone (RFC 6797 §7.2), which behind a
 * proxy needs Fastify's `trustProxy`.
 */
export async function registerHelmet (fastify: FastifyInstance, options: FastifyHelmetOptions): Promise<void> {
  const { strictTransportSecurity = TRANSPORT_SECURITY, ...rest } = withLongNames(options)
  const settings: Named = { ...DEFAULTS, ...rest, strictTransportSecurity: false }
  const perRequest = isPerRequest(settings)
  await fastify.register(fastifyHelmet, (perRequest ? settings : { ...settings, global: false }) as FastifyHelmetOptions)

  const { enableCSPNonces: _, global = true, ...forHelmet } = settings
  const fields = perRequest || global !== true ? {} : fieldsOf(helmet(forHelmet as HelmetOptions))
  const secureFields = strictTransportSecurity === false ? {} : fieldsOf(transportSecurity(strictTransportSecurity))
  fastify.addHook('onRequest', function setSecurityHeaders (request: FastifyRequest, reply: FastifyReply, done) {
    // @fastify/helmet puts the option of a route there.
    if (!('helmet' in request.routeOptions.config)) reply.headers(fields)
    if (request.protocol === 'https') reply.headers(secureFields)
    done()
  })
}

function transportSecurity (options: unknown): Middleware {
  return helmet.strictTransportSecurity(options === true ? {} : Object(options))
}

function withLongNames (options: FastifyHelmetOptions): Named {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [ALIASES[name] ?? name, value]))
}

/** Nonces and directives that are functions differ from request to request. */
function isPerRequest ({ enableCSPNonces, contentSecurityPolicy }: Named): boolean {
  if (enableCSPNonces === true) return true
  const directives: unknown = Reflect.get(Object(contentSecurityPolicy), 'directives')
  return Object.values(Object(directives)).flat().some(value => typeof value === 'function')
}

/** What a middleware of helmet sets, found on a reply nobody gets. */
function fieldsOf (middleware: Middleware): Fields {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  middleware(request, response, error => { if (error !== undefined) throw error })
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}
