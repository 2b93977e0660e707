/** The same server on the SDK's first major version. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import * as z from 'zod'

export function buildV1Server (): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  server.registerTool('echo', { inputSchema: { text: z.string() } }, async ({ text }) => ({ content: [{ type: 'text', text }] }))
  server.registerTool('burst', { inputSchema: { count: z.number() } }, async ({ count }, { _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken ?? 'none'
    for (let progress = 1; progress <= count; progress++) {
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
    return { content: [{ type: 'text', text: `${count} events` }] }
  })
  return server
}
