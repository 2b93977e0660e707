/** A server of SDK 1.x with one of everything. */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import { completable } from '@modelcontextprotocol/sdk/server/completable.js'
import { SubscribeRequestSchema, UnsubscribeRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { Probe } from './server-v2.ts'

export function serverV1 (probe: Probe): McpServer {
  const capabilities = { logging: {}, resources: { subscribe: true, listChanged: true }, tools: { listChanged: true } }
  const server = new McpServer({ name: 'own-v1', version: '1.0.0' }, { capabilities, instructions: 'A server of version 1' })
  registerTools(server, probe)
  registerQuestions(server)

  server.registerResource('fixed', 'res://fixed', { mimeType: 'text/plain' }, uri => ({ contents: [{ uri: uri.href, text: 'fixed' }] }))
  server.registerResource('any', new ResourceTemplate('res://any/{id}', { list: undefined }), {}, (uri, { id }) => ({
    contents: [{ uri: uri.href, text: `any ${String(id)}` }]
  }))
  server.server.setRequestHandler(SubscribeRequestSchema, () => ({}))
  server.server.setRequestHandler(UnsubscribeRequestSchema, () => ({}))
  server.registerPrompt('greet', {
    argsSchema: { name: completable(z.string(), typed => ['Ada', 'Alan', 'Grace'].filter(name => name.startsWith(typed))) }
  }, ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}` } }] }))
  return server
}

function registerTools (server: McpServer, probe: Probe): void {
  server.registerTool('echo', { inputSchema: { text: z.string() } }, input => text(input.text))

  server.registerTool('structured', { outputSchema: { celsius: z.number() } }, () => {
    return { ...text('21.5°'), structuredContent: { celsius: 21.5 } }
  })

  server.registerTool('steps', { inputSchema: { count: z.number() } }, async ({ count }, { _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken
    if (progressToken === undefined) return text('nobody counts')
    for (let progress = 1; progress <= count; progress++) {
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
    return text(`${count} steps`)
  })

  server.registerTool('log', {}, async ({ sessionId }) => {
    await server.sendLoggingMessage({ level: 'info', data: 'noted' }, sessionId)
    return text('logged')
  })

  server.registerTool('hang', { inputSchema: { key: z.string() } }, async ({ key }, { signal }) => {
    probe.put(`started ${key}`)
    await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    probe.put(`aborted ${key}`)
    return text('too late')
  })

  server.registerTool('poll', {}, async ({ closeSSEStream }) => {
    closeSSEStream?.()
    return text('fetched later')
  })

  server.registerTool('grow', {}, () => {
    server.registerTool('grown', {}, () => text('new'))
    return text('grown')
  })

  server.registerTool('touch', {}, async () => {
    await server.server.sendResourceUpdated({ uri: 'res://fixed' })
    return text('touched')
  })

  server.registerTool('fail', {}, () => { throw new Error('as planned') })
}

function registerQuestions (server: McpServer): void {
  server.registerTool('ask', {}, async () => {
    const form = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    const asked = await server.server.elicitInput({ message: 'Name?', requestedSchema: form })
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Capital?' } }]
    const sampled = await server.server.createMessage({ messages, maxTokens: 10 })
    const { roots } = await server.server.listRoots()
    return text(JSON.stringify([asked.content, sampled.content, roots.map(root => root.uri)]))
  })
}

function text (value: string): CallToolResult {
  return { content: [{ type: 'text', text: value }] }
}
