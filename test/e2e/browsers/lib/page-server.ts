/** Serves the page of the scenarios, and hears what it tells the test. */
import { isObject } from '@mcp/protocol'
import { build } from 'esbuild'
import Fastify, { type FastifyInstance } from 'fastify'
import path from 'node:path'
import type { Test } from 'tap'
import { Agent, request as ask } from 'undici'

/** Does what the page asks for, and resolves when it is done. */
export type Tellers = Readonly<Record<string, (about: Readonly<Record<string, unknown>>) => unknown>>

export interface PageServer {
  /** The origin the server is told to allow. */
  readonly origin: string
  /** The same page under another name, which is another origin. */
  readonly strangeOrigin: string
  /** What the page may tell, for the scenario that runs. */
  tellers: Tellers
  /** Where `/gateway` leads. */
  endpoint: string
  /** The event ids that the gateway was asked to go on after; empty where it was none. */
  readonly resumptions: ReadonlyArray<string | string[]>
  /** Breaks the connections of the gateway. */
  cutGateway (): void
}

export async function startPageServer (t: Test): Promise<PageServer> {
  const script = await bundled()
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  app.get('/', (_, reply) => reply.type('text/html').send('<!doctype html><title>Scenarios</title><script type="module" src="/page.js"></script>'))
  app.get('/page.js', (_, reply) => reply.type('text/javascript').send(script))
  app.get('/favicon.ico', (_, reply) => reply.code(204).send())
  app.post('/tell', async request => {
    const about = isObject(request.body) ? request.body : {}
    const tell = server.tellers[String(about.what)]
    if (tell === undefined) throw new Error(`nobody listens to "${String(about.what)}"`)
    return { done: await tell(about) ?? true }
  })
  const agent = new Agent()
  t.teardown(() => agent.destroy())
  let gateways: AbortController[] = []
  const resumptions: Array<string | string[]> = []
  // EventSource cannot name a session; a gateway of the page's own origin does it for the page.
  app.get<{ Querystring: { session: string, last: string } }>('/gateway', async (request, reply) => {
    const gateway = new AbortController()
    gateways.push(gateway)
    const { session, last } = request.query
    // Where the page wants to begin; from then on EventSource says where to go on.
    const from = request.headers['last-event-id'] ?? last
    resumptions.push(from)
    const headers = {
      accept: 'text/event-stream',
      'mcp-session-id': session,
      'mcp-protocol-version': '2025-11-25',
      ...(from !== '' && { 'last-event-id': from })
    }
    const { statusCode, body } = await ask(server.endpoint, { dispatcher: agent, headers, signal: gateway.signal })
    body.on('error', () => reply.raw.destroy())
    reply.raw.on('close', () => gateway.abort())
    return reply.code(statusCode).type('text/event-stream').send(body)
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const server: PageServer = {
    origin,
    strangeOrigin: origin.replace('127.0.0.1', 'localhost'),
    tellers: {},
    endpoint: '',
    resumptions,
    cutGateway: () => {
      for (const gateway of gateways) gateway.abort()
      gateways = []
    }
  }
  return server
}

async function bundled (): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, '../page/page.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
    platform: 'browser',
    conditions: ['mcp-source']
  })
  return outputFiles[0]?.text ?? ''
}
