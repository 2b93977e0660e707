/** A real server on a real port with the plugin and routes marked as those of an endpoint. Everything closes with the test. */
import { Writable } from 'node:stream'
import type { Principal } from '@mcp/protocol'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { mcpSecurity, type McpSecurityOptions } from '../src/index.ts'

export type Fields = Record<string, string>

export interface LogLine {
  level: number
  msg: string
  rung?: string
  reason?: string
  status?: number
}

export interface TestApp {
  app: FastifyInstance
  port: number
  origin: string
  logs: LogLine[]
  /** Replies of `POST /mcp?hold` that nobody has answered yet. */
  held: FastifyReply[]
  post: (headers?: Fields, path?: string) => Promise<Response>
  preflight: (headers: Fields, path?: string) => Promise<Response>
}

export interface Setting {
  fastify?: FastifyServerOptions
  /** Registers what the test needs beside the plugin, after it. */
  prepare?: (app: FastifyInstance) => void | Promise<void>
}

export function principal (subject: string): Principal {
  return { kind: 'api-key', issuer: 'test', subject, scopes: [] }
}

/**
 * Routes: `/mcp` asks for `Authorization: Bearer NAME` (401 without; the principal NAME with; `anybody` is none) as an endpoint
 * does, in a hook of the route; `/open` does not; `/elsewhere` is no endpoint.
 */
export async function startApp (t: Test, options: McpSecurityOptions = {}, { fastify, prepare }: Setting = {}): Promise<TestApp> {
  const logs: LogLine[] = []
  const stream = new Writable({
    write (chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) if (line !== '') logs.push(JSON.parse(line) as LogLine)
      done()
    }
  })
  const app: FastifyInstance = Fastify({ logger: { level: 'info', stream }, ...fastify })
  t.teardown(() => app.close())
  await app.register(mcpSecurity, options)
  await prepare?.(app)

  const held: FastifyReply[] = []
  const config = { mcp: true }
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    config,
    onRequest: async (request, reply) => {
      const name = /^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (name === undefined) return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' })
      if (name !== 'anybody') request.mcpPrincipal = principal(name)
    },
    handler: (request, reply) => {
      if (request.url.endsWith('?hold')) held.push(reply)
      else reply.send({ ok: true })
    }
  })
  app.post('/open', { config }, async () => ({ ok: true }))
  app.post('/elsewhere', async () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const origin = `http://127.0.0.1:${port}`
  const post: TestApp['post'] = (headers = {}, path = '/mcp') =>
    fetch(origin + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })
  const preflight: TestApp['preflight'] = (headers, path = '/mcp') =>
    fetch(origin + path, { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST', ...headers } })
  return { app, port, origin, logs, held, post, preflight }
}

export const alice = { authorization: 'Bearer alice' }
export const bob = { authorization: 'Bearer bob' }

/** The statuses of as many requests, one after the other. */
export async function statuses (count: number, request: () => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) {
    const response = await request()
    await response.arrayBuffer()
    all.push(response.status)
  }
  return all
}

/** Asks until the answer is yes; the timeout of the test is the limit. */
export async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}
