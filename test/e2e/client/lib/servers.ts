/** Servers we did not write, on 127.0.0.1 and a port of their own. */
import { NodeStreamableHTTPServerTransport, toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node'
import type { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ListRootsResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, McpServer, type CallToolResult, type Transport } from '@modelcontextprotocol/server'
import { SSEServerTransport as SseServerTransportV2 } from '@modelcontextprotocol/server-legacy/sse'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { fastifyMCPSSE, Sessions, streamableHttp } from 'fastify-mcp'
import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { z } from 'zod'
import { serverV1 } from '../../interop/lib/server-v1.ts'
import { Probe } from '../../interop/lib/server-v2.ts'

export interface Foreign {
  readonly url: string
  readonly port: number
  readonly probe: Probe
  /** Forgets every session. */
  forget (): void
}

interface Session {
  handleRequest (request: FastifyRequest['raw'], response: FastifyReply['raw'], body: unknown): Promise<void>
}

/** Keeps events for ever, as examples of the SDK do. */
class Events<Message> {
  readonly #events: Array<{ stream: string, message: Message }> = []

  async storeEvent (stream: string, message: Message): Promise<string> {
    return String(this.#events.push({ stream, message }))
  }

  async getStreamIdForEventId (id: string): Promise<string | undefined> {
    return this.#events[Number(id) - 1]?.stream
  }

  async replayEventsAfter (id: string, { send }: { send: (id: string, message: Message) => Promise<void> }): Promise<string> {
    const stream = this.#events[Number(id) - 1]?.stream ?? ''
    for (const [index, event] of this.#events.entries()) {
      if (index >= Number(id) && event.stream === stream) await send(String(index + 1), event.message)
    }
    return stream
  }
}

function text (value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}

/** `serverV1`, and a tool that asks for the roots on the stream of its own request. */
function askingV1 (probe: Probe): McpServerV1 {
  const server = serverV1(probe)
  server.registerTool('roots', {}, async ({ sendRequest }) => {
    const { roots } = await sendRequest({ method: 'roots/list' }, ListRootsResultSchema)
    return { content: [{ type: 'text', text: roots.map(root => root.uri).join() }] }
  })
  return server
}

/** The tools that `serverV1` has and these tests use. */
function serverV2 (probe: Probe): McpServer {
  const server = new McpServer({ name: 'v2', version: '1.0.0' }, { capabilities: { logging: {}, tools: { listChanged: true } } })
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, input => text(input.text))
  server.registerTool('steps', { inputSchema: z.object({ count: z.number() }) }, async ({ count }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    if (progressToken === undefined) return text('nobody counts')
    for (let progress = 1; progress <= count; progress++) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
    return text(`${count} steps`)
  })
  server.registerTool('hang', { inputSchema: z.object({ key: z.string() }) }, async ({ key }, { mcpReq: { signal } }) => {
    probe.put(`started ${key}`)
    await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    probe.put(`aborted ${key}`)
    return text('too late')
  })
  server.registerTool('roots', {}, async () => {
    const { roots } = await server.server.listRoots()
    return text(roots.map(root => root.uri).join())
  })
  server.registerTool('grow', {}, () => {
    server.registerTool('grown', {}, () => text('new'))
    return text('grown')
  })
  return server
}

async function host (t: Test, register: (app: FastifyInstance) => void, probe: Probe, forget: () => void): Promise<Foreign> {
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  register(app)
  t.teardown(() => app.close())
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  return { url: `http://127.0.0.1:${port}/mcp`, port: Number(port), probe, forget }
}

/** `createMcpHandler`: modern, and legacy without sessions. */
export function v2Handler (t: Test): Promise<Foreign> {
  const probe = new Probe()
  const handle = toNodeHandler(createMcpHandler(() => serverV2(probe)))
  return host(t, app => app.all('/mcp', async (request, reply) => {
    reply.hijack()
    // Node's own type does not fit the adapter's under exactOptionalPropertyTypes.
    await handle(request.raw as NodeIncomingMessageLike, reply.raw, request.body)
  }), probe, () => {})
}

/** The session transport of SDK 2.x. */
export function v2Sessions (t: Test): Promise<Foreign> {
  return sessions(t, async (probe, known) => {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID, eventStore: new Events(), retryInterval: 20, onsessioninitialized: id => { known.set(id, transport) }
    })
    await serverV2(probe).connect(transport as Transport)
    return transport
  })
}

/** The Streamable HTTP transport of SDK 1.x. */
export function v1Sessions (t: Test): Promise<Foreign> {
  return sessions(t, async (probe, known) => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID, eventStore: new Events(), retryInterval: 20, onsessioninitialized: id => { known.set(id, transport) }
    })
    await askingV1(probe).connect(transport as TransportV1)
    return transport
  })
}

function sessions (t: Test, open: (probe: Probe, known: Map<string, Session>) => Promise<Session>): Promise<Foreign> {
  const probe = new Probe()
  const known = new Map<string, Session>()
  return host(t, app => app.all('/mcp', async (request, reply) => {
    const id = request.headers['mcp-session-id']
    const session = typeof id === 'string' ? known.get(id) : await open(probe, known)
    if (session === undefined) return reply.code(404).send({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } })
    reply.hijack()
    await session.handleRequest(request.raw, reply.raw, request.body)
  }), probe, () => known.clear())
}

/** HTTP+SSE of SDK 1.x: an old server, with nothing but that. */
export function v1Sse (t: Test): Promise<Foreign> {
  return sse(t, async (probe, response) => {
    const transport = new SSEServerTransport('/messages', response)
    await askingV1(probe).connect(transport)
    return transport
  })
}

/** HTTP+SSE of SDK 2.x, which has it in a package of its own. */
export function v2Sse (t: Test): Promise<Foreign> {
  return sse(t, async (probe, response) => {
    const transport = new SseServerTransportV2('/messages', response)
    await serverV2(probe).connect(transport as Transport)
    return transport
  })
}

interface SseSession {
  readonly sessionId: string
  handlePostMessage (request: FastifyRequest['raw'], response: FastifyReply['raw'], body: unknown): Promise<void>
}

function sse (t: Test, open: (probe: Probe, response: FastifyReply['raw']) => Promise<SseSession>): Promise<Foreign> {
  const probe = new Probe()
  const known = new Map<string, SseSession>()
  return host(t, app => {
    app.get('/mcp', async (_, reply) => {
      reply.hijack()
      const transport = await open(probe, reply.raw)
      known.set(transport.sessionId, transport)
    })
    app.post<{ Querystring: { sessionId?: string } }>('/messages', async (request, reply) => {
      const transport = known.get(request.query.sessionId ?? '')
      if (transport === undefined) return reply.code(404).send()
      reply.hijack()
      await transport.handlePostMessage(request.raw, reply.raw, request.body)
    })
  }, probe, () => known.clear())
}

/** The plugin `fastify-mcp`, with sessions. */
export function fastifyMcp (t: Test): Promise<Foreign> {
  const probe = new Probe()
  const sessions = new Sessions<StreamableHTTPServerTransport>()
  return host(t, app => app.register(streamableHttp, {
    stateful: true, mcpEndpoint: '/mcp', sessions, createServer: () => askingV1(probe).server
  }), probe, () => {})
}

/** The HTTP+SSE half of the plugin `fastify-mcp`: one server, and so one client at a time. */
export function fastifyMcpSse (t: Test): Promise<Foreign> {
  const probe = new Probe()
  const sessions = new Sessions<SSEServerTransport>()
  return host(t, app => app.register(fastifyMCPSSE, {
    sseEndpoint: '/mcp', messagesEndpoint: '/messages', sessions, server: askingV1(probe).server
  }), probe, () => {})
}
