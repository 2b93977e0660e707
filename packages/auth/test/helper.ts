import http from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Caller, JsonRpcRequest, Principal, Refusal, RequestHead } from '@mcp/protocol'
import { mcpAuth, type McpAuthOptions } from '../src/index.ts'

export interface Teardown {
  teardown (end: () => unknown): unknown
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  readonly json: Record<string, unknown>
}

export interface TestEndpoint {
  readonly app: FastifyInstance
  readonly origin: string
  /** Every line of the log, from trace on. */
  readonly log: string[]
  /** A request with its header fields as they are, repeated ones included. */
  request (path: string, headers?: readonly string[], method?: string, body?: string): Promise<Answer>
  /** A POST to the endpoint with this `Authorization`. */
  call (authorization?: string, message?: object): Promise<Answer>
}

/** An endpoint that asks the gates as the MCP endpoint does, and answers who is calling. */
export async function endpoint (t: Teardown, options: McpAuthOptions): Promise<TestEndpoint> {
  const log: string[] = []
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { log.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(mcpAuth, options)
  addEndpoint(app, '/mcp')
  return started(app, log)
}

export async function started (app: FastifyInstance, log: string[] = []): Promise<TestEndpoint> {
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const request: TestEndpoint['request'] = (path, headers = [], method = 'GET', body = undefined) => send(origin, headers, method, body, path)
  const call: TestEndpoint['call'] = (authorization, message = { jsonrpc: '2.0', id: 1, method: 'ping' }) => {
    const headers = ['Content-Type', 'application/json', ...authorization === undefined ? [] : ['Authorization', authorization]]
    return request('/mcp', headers, 'POST', JSON.stringify(message))
  }
  return { app, origin, log, request, call }
}

/** A stand-in for the MCP endpoint: the same order of the same questions. */
export function addEndpoint (app: FastifyInstance, path: string): void {
  app.route({
    url: path,
    method: ['GET', 'POST', 'DELETE'],
    onRequest: async (request, reply) => {
      const verdict = await app.mcpAuth?.authenticate(headOf(request))
      if (verdict?.kind === 'refused') return refuse(reply, verdict)
      request.mcpPrincipal = verdict?.principal ?? null
      return undefined
    },
    handler: async (request, reply) => {
      const caller: Caller = { principal: request.mcpPrincipal, head: headOf(request) }
      for (const gate of app.mcpGates ?? []) {
        const refusal = request.method === 'POST' ? await gate.judge(request.body as JsonRpcRequest, caller) : null
        if (refusal !== null) return refuse(reply, refusal)
      }
      return reply.send(request.mcpPrincipal)
    }
  })
}

function headOf (request: FastifyRequest): RequestHead {
  const { method, url, headers, raw, ip } = request
  return { method, url, headers, rawHeaders: raw.rawHeaders, address: ip, source: request }
}

function refuse (reply: FastifyReply, refusal: Refusal): FastifyReply {
  reply.log.info({ rung: refusal.rung, reason: refusal.message }, 'request refused')
  const { rung, status, code, message, headers = {} } = refusal
  return reply.code(status).headers(headers).send({ rung, code, message })
}

function send (
  url: string, headers: readonly string[], method: string, body: string | undefined, target = new URL(url).pathname
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]
    const fields = ['Host', new URL(url).host, ...headers, ...length]
    const request = http.request(url, { path: target, method, headers: fields, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => {
        const json = text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {}
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** A clock that can be put forward. */
export function clock (t: Teardown): { advance (ms: number): void } {
  const { now } = Date
  let offset = 0
  Date.now = () => now() + offset
  t.teardown(() => { Date.now = now })
  return { advance: ms => { offset += ms } }
}

/** Resolves when `condition` holds. */
export async function until (condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!await condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

export function person (scopes: readonly string[] = []): Principal {
  return { kind: 'jwt', issuer: 'https://issuer.example', subject: 'somebody', scopes }
}

export function callerOf (principal: Principal | null): Caller {
  return { principal, head: { method: 'POST', url: 'http://localhost/mcp', headers: {}, rawHeaders: [], address: '127.0.0.1' } }
}
