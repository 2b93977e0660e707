/** What the soak asks for: something small, something large, something slow, and something that never ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** More than the buffers of a socket take. */
const FLOOD_MESSAGES = 200
const FLOOD_TEXT = 'x'.repeat(32 * 1024)
/** One event of a stream that is larger than what a socket takes. */
const LARGE_TEXT = 'x'.repeat(2 * 1024 * 1024)
const BURST_MESSAGES = 300
const BURST_TEXT = 'x'.repeat(10 * 1024)

export function soakServer (): McpServer {
  const server = new McpServer({ name: 'soak', version: '1.0.0' }, { capabilities: { logging: {}, tools: { listChanged: true } } })
  const done = { content: [{ type: 'text' as const, text: 'done' }] }

  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, async ({ text }) => ({ content: [{ type: 'text', text }] }))

  server.registerTool('steps', {}, async ({ mcpReq }) => {
    for (let step = 1; step <= 5; step++) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data: step } })
      await sleep(20)
    }
    return done
  })

  server.registerTool('flood', {}, async ({ mcpReq }) => {
    for (let message = 0; message < FLOOD_MESSAGES && !mcpReq.signal.aborted; message++) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data: FLOOD_TEXT } })
    }
    return done
  })

  server.registerTool('large', {}, async ({ mcpReq }) => {
    await mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data: LARGE_TEXT } })
    return { content: [{ type: 'text', text: LARGE_TEXT }] }
  })

  server.registerTool('burst', {}, ({ mcpReq }) => {
    for (let message = 0; message < BURST_MESSAGES; message++) {
      mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data: BURST_TEXT } }).catch(() => {})
    }
    return done
  })

  server.registerTool('hang', {}, async ({ mcpReq }) => {
    await mcpReq.notify({ method: 'notifications/message', params: { level: 'error', data: 'begun' } })
    await new Promise(resolve => mcpReq.signal.addEventListener('abort', resolve, { once: true }))
    return done
  })
  return server
}
