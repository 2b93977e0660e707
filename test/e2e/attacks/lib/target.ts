/** What the attacks are aimed at: every server plugin on one real port, with everything logged. It closes with the test. */
import { createApiKey, mcpAuth } from '@mcp/auth'
import { isObject, type ExchangeHandler } from '@mcp/protocol'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { mcpSecurity } from '@mcp/security'
import { mcpStreamable, type Limits } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { createApplication } from './application.ts'
import { bearer, flat, request, type Fields, type Reply } from './wire.ts'
import { leaks } from './leaks.ts'

export type Caller = 'alice' | 'bob'

export interface Target {
  readonly app: FastifyInstance
  readonly port: number
  readonly origin: string
  /** Credentials of each caller. Bob may not call `forbidden`, and does not know `hidden`. */
  readonly as: Readonly<Record<Caller, Fields>>
  readonly keys: Readonly<Record<Caller, string>>
  /** Tools that ran, as `caller:tool`. */
  readonly ran: string[]
  /** Answers of clients that reached the application, as JSON. */
  readonly answers: string[]
  /** Lines of the log at `trace`. */
  readonly log: string[]
  /** Values that must not be found in the log; tests add theirs. */
  readonly secrets: string[]
  /** Lets the tool `hold` answer. */
  readonly release: () => void
  readonly post: (body: unknown, headers?: Fields | readonly string[], path?: string) => Promise<Reply>
  readonly send: (method: string, path: string, headers?: Fields | readonly string[], body?: string) => Promise<Reply>
  /** Header fields of a session opened by a caller, credentials included. */
  readonly openSession: (caller: Caller, version?: string) => Promise<Fields>
  /** Ends the server; no request was answered 500, nothing failed, and no secret was written down. */
  readonly unharmed: (t: Test) => Promise<void>
}

export interface TargetOptions {
  readonly limits?: Partial<Limits>
  readonly server?: FastifyServerOptions
  readonly application?: ExchangeHandler
  readonly prepare?: (app: FastifyInstance) => void
}

export async function startTarget (t: Test, { limits = {}, server = {}, application, prepare }: TargetOptions = {}): Promise<Target> {
  const log: string[] = []
  const statuses: number[] = []
  const app: FastifyInstance = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { log.push(line) } } }, ...server })
  t.teardown(() => app.close())
  app.addHook('onResponse', async (_request, reply) => { statuses.push(reply.statusCode) })
  prepare?.(app)
  const alice = createApiKey({ id: 'alice', scopes: ['admin'] })
  const bob = createApiKey({ id: 'bob' })
  const keys = { alice: alice.key, bob: bob.key }
  const many = { max: 100_000 }
  await app.register(mcpSecurity, { rateLimit: { address: many, principal: many } })
  await app.register(mcpAuth, {
    apiKeys: { keys: [alice.entry, bob.entry], header: 'x-api-key' },
    rules: [{ tool: 'forbidden', scopes: ['admin'] }, { resource: 'file:///forbidden/*', scopes: ['admin'] }, { tool: 'hidden', scopes: ['admin'], hidden: true }]
  })
  const own = createApplication()
  await app.register(mcpStreamable, { application: application ?? own.accept, closeTimeoutMs: 100, limits })
  await app.register(mcpLegacySse, {})
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = isObject(address) ? Number(address.port) : 0
  const secrets = Object.values(keys)
  const as = { alice: bearer(keys.alice), bob: bearer(keys.bob) }

  const send: Target['send'] = async (method, path, headers = {}, body = '') => {
    const reply = await request(port, method, path, flat(headers), body)
    const id = reply.headers['mcp-session-id']
    if (typeof id === 'string') secrets.push(id)
    return reply
  }
  const post: Target['post'] = (body, headers = {}, path = '/mcp') => {
    const fields = ['Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream', ...flat(headers)]
    return send('POST', path, fields, typeof body === 'string' ? body : JSON.stringify(body))
  }
  const openSession: Target['openSession'] = async (caller, version = '2025-11-25') => {
    const params = { protocolVersion: version, capabilities: { roots: {} }, clientInfo: { name: 'test', version: '1' } }
    const { status, headers } = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, as[caller])
    const id = headers['mcp-session-id']
    if (typeof id !== 'string') throw new Error(`no session was opened: ${status}`)
    return { ...as[caller], 'mcp-session-id': id }
  }
  const unharmed: Target['unharmed'] = async t => {
    own.release()
    await app.close()
    t.strictSame(statuses.filter(status => status === 500), [], 'no 500')
    t.strictSame(log.filter(line => Number((JSON.parse(line) as { level: unknown }).level) >= 50), [], 'nothing failed')
    t.strictSame(leaks(log, secrets), [], 'no secret in the log')
  }
  const { ran, answers, release } = own
  return { app, port, origin, as, keys, ran, answers, log, secrets, release, post, send, openSession, unharmed }
}
