/**
 * The yardstick: Fastify routes that parse the same requests and answer the same bytes, and know nothing of MCP.
 */
import { once } from 'node:events'
import Fastify from 'fastify'
import type { ServerResponse } from 'node:http'
import { serve } from './host.ts'

interface Call {
  id: number
  params: {
    name: string
    arguments: { text: string, count: number }
    _meta?: { progressToken?: string, 'io.modelcontextprotocol/protocolVersion'?: string }
  }
}

const app = Fastify()

app.post<{ Body: Call }>('/mcp', async (request, reply) => {
  const { id, params } = request.body
  if (params.name === 'burst') {
    reply.hijack()
    return burst(reply.raw, request.body)
  }
  return answer(id, params.arguments.text, isModern(request.body))
})

app.get('/mcp', (_request, reply) => {
  reply.hijack()
  openStream(reply.raw)
})

await serve(app)

function isModern (call: Call): boolean {
  return call.params._meta?.['io.modelcontextprotocol/protocolVersion'] !== undefined
}

function answer (id: number, text: string, modern: boolean): object {
  const content = [{ type: 'text', text }]
  return { jsonrpc: '2.0', id, result: modern ? { resultType: 'complete', content } : { content } }
}

function openStream (raw: ServerResponse): void {
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  raw.write(':\n\n')
}

async function burst (raw: ServerResponse, call: Call): Promise<void> {
  const progressToken = call.params._meta?.progressToken
  const total = call.params.arguments.count
  openStream(raw)
  for (let progress = 1; progress <= total; progress++) {
    const message = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total } }
    if (!raw.write(frame(message))) await once(raw, 'drain')
  }
  raw.end(frame(answer(call.id, `${total} events`, isModern(call))))
}

function frame (message: object): string {
  return `data: ${JSON.stringify(message)}\n\n`
}
