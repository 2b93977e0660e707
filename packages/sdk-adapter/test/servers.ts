import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Lets a test look into handlers: what they saw, and when they go on. */
export class Probe {
  readonly seen: string[] = []
  readonly built: unknown[] = []
  readonly gates = new Map<string, () => void>()

  wait (name: string): Promise<void> {
    return new Promise(resolve => { this.gates.set(name, resolve) })
  }

  open (name: string): void {
    this.gates.get(name)?.()
  }
}

const text = (value: unknown): { content: Array<{ type: 'text', text: string }> } =>
  ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined' }] })

const form = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
const sample = { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'hi' } }], maxTokens: 10 }

export function serverV2 (probe = new Probe()): McpServer {
  const server = new McpServer({ name: 'v2', version: '1' }, { capabilities: { logging: {}, resources: { subscribe: true }, tools: {} } })
  probe.built.push(server)
  server.server.onclose = () => { probe.seen.push('closed') }
  server.server.oninitialized = () => { probe.seen.push('initialized') }
  server.server.setRequestHandler('resources/subscribe', request => { probe.seen.push(`subscribe ${request.params.uri}`); return {} })
  server.server.setRequestHandler('resources/unsubscribe', request => { probe.seen.push(`unsubscribe ${request.params.uri}`); return {} })
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, args => text(args.text))
  server.registerTool('wait', { inputSchema: z.object({ gate: z.string() }) }, async ({ gate }, context) => {
    const { signal } = context.mcpReq
    signal.addEventListener('abort', () => { probe.seen.push(`aborted ${gate}`) })
    const aborted = new Promise(resolve => { signal.addEventListener('abort', resolve) })
    await (gate.startsWith('stubborn') ? probe.wait(gate) : Promise.race([probe.wait(gate), aborted]))
    await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: gate, progress: 1 } })
    return text(gate)
  })
  server.registerTool('log', {}, async context => {
    await context.mcpReq.log('debug', 'fine')
    await context.mcpReq.log('error', 'bad')
    return text('logged')
  })
  server.registerTool('elicit', {}, async () => text(await server.server.elicitInput({ message: 'who?', requestedSchema: form })))
  server.registerTool('sample', {}, async () => text(await server.server.createMessage(sample)))
  server.registerTool('who', {}, context => text({
    id: context.mcpReq.id,
    session: context.sessionId,
    auth: context.http?.authInfo,
    header: context.http?.req?.headers.get('x-test'),
    url: context.http?.req?.url,
    isRequest: context.http?.req instanceof Request,
    client: server.server.getClientVersion(),
    capabilities: server.server.getClientCapabilities()
  }))
  server.registerTool('detach', {}, context => {
    context.http?.closeSSE?.()
    context.http?.closeStandaloneSSE?.()
    return text(context.http?.closeSSE !== undefined)
  })
  server.registerTool('changed', {}, async () => {
    await server.server.sendToolListChanged()
    await server.server.sendResourceUpdated({ uri: 'file:///a' })
    return text('changed')
  })
  return server
}

export function serverV1 (probe = new Probe()): McpServerV1 {
  const server = new McpServerV1({ name: 'v1', version: '1' }, { capabilities: { logging: {}, tools: {} } })
  probe.built.push(server)
  server.server.onclose = () => { probe.seen.push('closed') }
  server.registerTool('echo', { inputSchema: { text: z.string() } }, args => text(args.text))
  server.registerTool('wait', { inputSchema: { gate: z.string() } }, async ({ gate }, extra) => {
    extra.signal.addEventListener('abort', () => { probe.seen.push(`aborted ${gate}`) })
    const aborted = new Promise(resolve => { extra.signal.addEventListener('abort', resolve) })
    await (gate.startsWith('stubborn') ? probe.wait(gate) : Promise.race([probe.wait(gate), aborted]))
    await extra.sendNotification({ method: 'notifications/progress', params: { progressToken: gate, progress: 1 } })
    return text(gate)
  })
  server.registerTool('log', {}, async extra => {
    await server.sendLoggingMessage({ level: 'debug', data: 'fine' }, extra.sessionId)
    await server.sendLoggingMessage({ level: 'error', data: 'bad' }, extra.sessionId)
    return text('logged')
  })
  server.registerTool('elicit', {}, async () => text(await server.server.elicitInput({ message: 'who?', requestedSchema: form })))
  server.registerTool('sample', {}, async () => text(await server.server.createMessage(sample)))
  server.registerTool('who', {}, extra => text({
    id: extra.requestId,
    session: extra.sessionId,
    auth: extra.authInfo,
    header: extra.requestInfo?.headers['x-test'],
    url: extra.requestInfo?.url?.href,
    client: server.server.getClientVersion(),
    capabilities: server.server.getClientCapabilities()
  }))
  server.registerTool('detach', {}, extra => {
    extra.closeSSEStream?.()
    extra.closeStandaloneSSEStream?.()
    return text(extra.closeSSEStream !== undefined)
  })
  return server
}
