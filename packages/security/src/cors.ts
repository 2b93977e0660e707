/** What pages are told by CORS. */
import { CORS_ALLOWED_HEADERS, CORS_EXPOSED_HEADERS, Header, type PageOrigins } from '@mcp/protocol'
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { isAllowedOrigin, isLoopbackAddress } from './origins.ts'
import type { CorsSettings } from './settings.ts'

/** A preflight may ask for as many mirrored arguments as a tool has; what is echoed stays small. */
const MAX_PARAMS = 64
const PARAM = new RegExp(`^${Header.ParamPrefix}[a-z0-9!#$%&'*+.^_\`|~-]{1,64}$`, 'i')

/**
 * Sets CORS headers in `onRequest`, so that they are on errors and on streams too, and answers preflights there, before any
 * authentication. An origin that is not allowed is told nothing.
 */
export async function registerCors (fastify: FastifyInstance, settings: CorsSettings): Promise<void> {
  const { credentials, maxAgeS, methods } = settings
  const allowedHeaders = [...CORS_ALLOWED_HEADERS, ...settings.allowedHeaders].join(', ')
  const origins: PageOrigins = { cors: settings.allowedOrigins, endpoints: [] }
  fastify.decorate('mcpPageOrigins', origins)
  const isAllowed = originCheck(fastify, origins)
  await fastify.register(cors, {
    origin: (origin, callback) => callback(null, origin !== undefined && isAllowed(origin)),
    credentials,
    methods: [...methods],
    allowedHeaders,
    exposedHeaders: [...CORS_EXPOSED_HEADERS, ...settings.exposedHeaders].join(', '),
    maxAge: maxAgeS,
    strictPreflight: false,
    preflightContinue: true
  })
  // The names of mirrored arguments are known from the request alone, so the last word about a preflight is ours.
  fastify.addHook('onRequest', function answerPreflight (request, reply, done) {
    // @fastify/cors has set it where it took the request for a preflight of an allowed page.
    if (request.method !== 'OPTIONS' || !reply.hasHeader('access-control-allow-methods')) return done()
    const params = requestedParams(request.headers['access-control-request-headers'])
    if (params.length > 0) reply.header('access-control-allow-headers', [allowedHeaders, ...params].join(', '))
    reply.code(204).header('content-length', '0').send()
  })
}

function originCheck (fastify: FastifyInstance, { cors: rule, endpoints }: PageOrigins): (origin: string) => boolean {
  let loopback = true
  fastify.addHook('onListen', async () => {
    loopback = fastify.addresses().every(bound => typeof bound !== 'string' && isLoopbackAddress(bound.address))
  })
  return origin => {
    try {
      if (isAllowedOrigin(origin, rule, loopback)) return true
      return rule === undefined && endpoints.some(other => isAllowedOrigin(origin, other, loopback))
    } catch (error) {
      fastify.log.error({ err: error }, 'the function allowedOrigins failed; the page is taken as not allowed')
      return false
    }
  }
}

/** Headers that mirror tool arguments have any name, so those a page asks for are allowed by their prefix (H-9). */
function requestedParams (requested: string | undefined): string[] {
  if (requested === undefined) return []
  return requested.split(',').map(name => name.trim()).filter(name => PARAM.test(name)).slice(0, MAX_PARAMS)
}
