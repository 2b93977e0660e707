/** The HTTP surface of an endpoint: one path, every method answered. */
import { allowedMethods, climbBody, climbHead, givenValue, Header, type Acceptable, type JsonRpcMessage, type Refusal } from '@mcp/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Endpoint } from './endpoint.ts'
import { judge } from './judgement.ts'
import { takeJson } from './json-body.ts'
import { legacyPost } from './legacy-post.ts'
import { logged } from './logged.ts'
import { modernPost } from './modern-post.ts'
import { paramsRefusal } from './params.ts'
import { urlsOf } from './paths.ts'
import { sendAccepted, sendRefusal } from './refusal.ts'
import { FastifyRequestHead } from './request-info.ts'
import { commonRouteOptions, ignoreBody } from './route-options.ts'
import { namedSession, openStream } from './standalone.ts'

const OTHER_METHODS: HTTPMethods[] = ['HEAD', 'PUT', 'PATCH', 'TRACE']

/** What the head of a POST said, kept for its body. */
const takes = Symbol('mcp.acceptable')

declare module 'fastify' {
  interface FastifyRequest {
    [takes]: Acceptable | null
  }
}

export function addRoutes (scope: FastifyInstance, endpoint: Endpoint, path: string): void {
  scope.decorateRequest(takes, null)
  takeJson(scope, endpoint.settings.limits)
  // One hook instead of three: it runs on every request.
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const admitted = endpoint.admission(request, reply)
    if (admitted === true) enter(request, reply, done)
    else if (admitted !== false) admitted.then(late => { if (late) enter(request, reply, done) }).catch(done)
  }
  const enter = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const verdict = climbHead(request.method, request.raw.headers, endpoint.policy)
    if (verdict.kind === 'refused') return sendRefusal(reply, verdict)
    if (verdict.kind === 'post') request[takes] = verdict.acceptable
    else if (verdict.kind === 'delete') ignoreBody(request)
    done()
  }
  for (const url of urlsOf(scope, path)) {
    const base = commonRouteOptions(scope, endpoint.settings)
    const common = { ...base, onRequest }
    scope.route({ ...common, method: 'POST', url, handler: (request, reply) => post(endpoint, request, reply) })
    scope.route({ ...common, method: 'GET', url, handler: (request, reply) => watch(reply, get(endpoint, request, reply)) })
    scope.route({ ...common, method: 'DELETE', url, handler: (request, reply) => watch(reply, endSession(endpoint, request, reply)) })
    scope.route({ ...common, method: OTHER_METHODS, url, handler: () => {} })
    // Browsers ask before they send; @fastify/cors answers first where it is registered.
    const onOptions = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
      ignoreBody(request)
      done()
    }
    scope.route({ ...base, method: 'OPTIONS', url, onRequest: onOptions, handler: (_request, reply) => options(endpoint, reply) })
  }
}

function options (endpoint: Endpoint, reply: FastifyReply): void {
  reply.code(204).header('allow', `${allowedMethods(endpoint.policy)}, OPTIONS`).send()
}

function post (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): void {
  const acceptable = request[takes] ?? { json: true, stream: true }
  const verdict = climbBody(request.headers, request.raw.rawHeaders, request.body, acceptable, endpoint.policy)
  switch (verdict.kind) {
    case 'refused':
      return sendRefusal(reply, verdict)
    case 'dropped':
      request.log.debug({ method: logged(verdict.message.method) }, 'notification without effect dropped')
      return sendAccepted(reply)
  }
  const refused = paramsRefusal(verdict.kind === 'modern' ? verdict.message : verdict.body, endpoint.settings.limits)
  if (refused !== null) return sendRefusal(reply, refused)
  const execute = (): void | Promise<void> => verdict.kind === 'modern'
    ? modernPost(endpoint, request, reply, verdict, acceptable)
    : legacyPost(endpoint, request, reply, verdict, acceptable)
  if (endpoint.gates.length === 0) return watch(reply, execute())

  const caller = { principal: request.mcpPrincipal, head: new FastifyRequestHead(request) }
  const messages: readonly JsonRpcMessage[] = verdict.kind === 'modern' ? [verdict.message] : [verdict.body].flat()
  const proceed = (refusal: Refusal | null): void | Promise<void> => refusal === null ? execute() : sendRefusal(reply, refusal)
  const judged = judge(endpoint.gates, messages, caller)
  watch(reply, judged instanceof Promise ? judged.then(proceed) : proceed(judged))
}

/** Whoever answers sends the reply, maybe much later; only a failure on the way there is still ours to tell. */
function watch (reply: FastifyReply, done: void | Promise<void>): void {
  done?.catch((error: Error) => {
    if (reply.sent) reply.log.error({ err: error }, 'failed after the reply was sent')
    else reply.send(error)
  })
}

function get (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): void | Promise<void> {
  const opener = givenValue(request.headers[Header.SessionId]) === undefined ? endpoint.sseOpener : null
  return opener === null ? openStream(endpoint, request, reply) : opener(request, reply)
}

async function endSession (endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const session = await namedSession(endpoint, request, reply)
  if (session === null) return
  await session.terminate('ended by the client')
  reply.code(204).send()
}
