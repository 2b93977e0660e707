/** The official SDK's server that every SDK contestant serves: ours and the peers alike. */
import { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod/v4'

export function buildServer (): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, async ({ text }) => ({ content: [{ type: 'text', text }] }))
  server.registerTool('burst', { inputSchema: z.object({ count: z.number() }) }, async ({ count }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 'none'
    for (let progress = 1; progress <= count; progress++) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
    return { content: [{ type: 'text', text: `${count} events` }] }
  })
  return server
}
