/**
 * The well-known OAuth paths of a server: what clients look for and find, or are told in JSON that it is not there. They look before
 * they connect, some of them whether or not anybody asked them to, and none may get a page meant for people (G-12, G-14, G-27).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'

export interface Document {
  /** Whom it is about: two documents about the same one are the same. */
  readonly about: string
  /** Rejections become 503. */
  read (): object | Promise<object>
}

const OPENID_PATH = '/.well-known/openid-configuration'
const PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-authorization-server', OPENID_PATH] as const

const ALLOW = 'GET, HEAD, OPTIONS'
const MAX_AGE_S = 300
const HIDDEN: object = { hide: true }

/** One per server, shared by all endpoints on it. */
class WellKnown {
  readonly #documents = new Map<string, Document[]>()

  add (path: string, document: Document): void {
    this.#documents.set(path, [...this.#documents.get(path) ?? [], document])
  }

  /** Where several endpoints have something else to say, none does: it would be wrong for the others. */
  at (path: string): Document | undefined {
    const [document, ...others] = this.#documents.get(path.replace(/(?<=.)\/$/, '')) ?? []
    return others.every(({ about }) => about === document?.about) ? document : undefined
  }
}

const servers = new WeakMap<object, WellKnown>()

/**
 * Serves documents by their exact paths. Routes lie at the root, however deep the scope that asks for them.
 * OpenID Connect looks below the path of a URL too: below `resource` we say no as well.
 */
export function serveWellKnown (fastify: FastifyInstance, documents: ReadonlyMap<string, Document>, resource: string | undefined): void {
  const known = servers.get(fastify.server) ?? new WellKnown()
  servers.set(fastify.server, known)
  for (const [path, document] of documents) known.add(path, document)
  const root = withoutPrefix(fastify)
  const below = resource === undefined ? [] : [new URL(resource).pathname.replace(/\/$/, '') + OPENID_PATH]
  for (const url of [...PATHS.flatMap(path => [path, `${path}/*`]), ...below]) {
    // Another endpoint was first, or the application is an authorization server itself and has its own.
    if (!root.hasRoute({ url, method: 'GET' })) addRoute(root, url, known)
  }
}

/** A scope inherits from its parent. */
function withoutPrefix (fastify: FastifyInstance): FastifyInstance {
  let scope = fastify
  while (scope.prefix !== '') scope = Object.getPrototypeOf(scope) as FastifyInstance
  return scope
}

function addRoute (root: FastifyInstance, url: string, known: WellKnown): void {
  root.route({
    url,
    method: root.supportedMethods.filter(method => method !== 'CONNECT' && method !== 'HEAD').concat('HEAD'),
    exposeHeadRoute: false,
    // Documentation of the application's routes is not about these: `@fastify/swagger` leaves them out.
    schema: { ...HIDDEN } as FastifySchema,
    // For every origin, whatever @fastify/cors was told about the endpoint.
    config: { cors: false },
    // Before a body is read: there is none that matters.
    onRequest: (request, reply) => answer(request, reply, known),
    handler: (_request, reply) => reply
  })
}

async function answer (request: FastifyRequest, reply: FastifyReply, known: WellKnown): Promise<FastifyReply> {
  reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'WWW-Authenticate, Retry-After' })
  if (request.method === 'OPTIONS') return preflight(request, reply)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(reply.header('allow', ALLOW), 405, { error: 'method_not_allowed', error_description: `Use one of ${ALLOW}` })
  }
  const document = known.at(pathOf(request.url))
  try {
    if (document === undefined) return send(reply, 404, { error: 'not_found', error_description: 'There is no such metadata here' })
    return send(reply.header('cache-control', `public, max-age=${MAX_AGE_S}`), 200, await document.read())
  } catch (error) {
    request.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'metadata not at hand')
    return send(reply.header('retry-after', '5'), 503, { error: 'temporarily_unavailable', error_description: 'Try again later' })
  }
}

/** The path of a request target, which may be a whole URL (RFC 9112, section 3.2.2). */
function pathOf (target: string): string {
  return (target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?#]*/i, '')).split('?', 1)[0] ?? ''
}

function preflight (request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = request.headers['access-control-request-headers']
  reply.headers({ allow: ALLOW, 'access-control-allow-methods': ALLOW, 'access-control-max-age': '86400', vary: 'Access-Control-Request-Headers' })
  // The star does not cover `Authorization`, which some clients send even here.
  if (asked !== undefined && /^[\w, -]{1,1024}$/.test(asked)) reply.header('access-control-allow-headers', asked)
  return reply.code(204).send()
}

function send (reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body))
}
