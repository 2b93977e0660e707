/** The same server behind three transports: ours, that of SDK 2.x and that of SDK 1.x, each on a port of its own. */
import { randomUUID } from 'node:crypto'
import http, { type RequestListener } from 'node:http'
import { once } from 'node:events'
import { isObject } from '@mcp/protocol'
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpStreamable } from '@mcp/streamable-core'
import { toNodeHandler, type NodeIncomingMessageLike } from '@modelcontextprotocol/node'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { createMcpHandler, isLegacyRequest, McpServer, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { z } from 'zod'

export const COLUMNS = ['ours', 'SDK 2', 'SDK 1'] as const
export type Column = typeof COLUMNS[number]

const INFO = { name: 'compared', version: '1.0.0' }

function serverV2 (): McpServer {
  const server = new McpServer(INFO, { capabilities: { logging: {}, tools: { listChanged: true } } })
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({ content: [{ type: 'text', text }] }))
  server.registerTool('progress', {}, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 'none'
    await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    return { content: [{ type: 'text', text: 'done' }] }
  })
  server.registerTool('fail', {}, () => { throw new Error('as planned') })
  return server
}

function serverV1 (): McpServerV1 {
  const server = new McpServerV1(INFO, { capabilities: { logging: {}, tools: { listChanged: true } } })
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({ content: [{ type: 'text', text }] }))
  server.registerTool('progress', {}, async ({ _meta, sendNotification }) => {
    await sendNotification({ method: 'notifications/progress', params: { progressToken: _meta?.progressToken ?? 'none', progress: 1 } })
    return { content: [{ type: 'text', text: 'done' }] }
  })
  server.registerTool('fail', {}, () => { throw new Error('as planned') })
  return server
}

/** Ports by column. Everything ends with the test. */
export async function startServers (t: Test): Promise<Record<Column, number>> {
  return { ours: await ours(t), 'SDK 2': await listen(t, sdkV2()), 'SDK 1': await listen(t, sdkV1()) }
}

async function ours (t: Test): Promise<number> {
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: sdkApplication(serverV2), closeTimeoutMs: 100 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  return isObject(address) ? Number(address.port) : 0
}

/** As its documentation puts both eras on one path: the modern handler, and a transport per session. */
function sdkV2 (): RequestListener {
  const modern = createMcpHandler(serverV2, { legacy: 'reject' })
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>()
  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: id => { transports.set(id, transport) },
      onsessionclosed: id => { transports.delete(id) }
    })
    await serverV2().connect(transport)
    return transport
  }
  const fetch = async (request: Request): Promise<Response> => {
    if (!await isLegacyRequest(request)) return modern.fetch(request)
    const id = request.headers.get('mcp-session-id')
    const transport = id === null ? await open() : transports.get(id)
    return transport === undefined ? notFound() : transport.handleRequest(request)
  }
  const handle = toNodeHandler({ fetch })
  // Node's own type does not fit the adapter's under exactOptionalPropertyTypes.
  return (request, response) => {
    handle(request as NodeIncomingMessageLike, response).catch((error: unknown) => response.destroy(error as Error))
  }
}

/** What the examples of both SDKs answer for a session they do not know. */
function notFound (): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null }, { status: 404 })
}

function sdkV1 (): RequestListener {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: id => { transports.set(id, transport) },
      onsessionclosed: id => { transports.delete(id) }
    })
    // The class does not satisfy its own interface under exactOptionalPropertyTypes.
    await serverV1().connect(transport as Transport)
    return transport
  }
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const id = request.headers['mcp-session-id']
    const transport = typeof id === 'string' ? transports.get(id) : await open()
    if (transport !== undefined) return transport.handleRequest(request, response)
    const unknown = notFound()
    response.writeHead(unknown.status, Object.fromEntries(unknown.headers)).end(await unknown.text())
  }
  return (request, response) => { handle(request, response).catch((error: unknown) => response.destroy(error as Error)) }
}

async function listen (t: Test, listener: RequestListener): Promise<number> {
  const server = http.createServer(listener)
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return isObject(address) ? Number(address.port) : 0
}
