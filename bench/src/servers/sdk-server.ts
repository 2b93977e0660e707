/** The official SDK's server that every SDK contestant serves: ours and the peers alike. */
import { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod/v4'

/** Made once, as constants are: making a schema costs more than the rest of a server. */
const ECHO = z.object({ text: z.string() })
const BURST = z.object({ count: z.number() })

export function buildServer (): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  server.registerTool('echo', { inputSchema: ECHO }, async ({ text }) => ({ content: [{ type: 'text', text }] }))
  server.registerTool('burst', { inputSchema: BURST }, async ({ count }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 'none'
    for (let progress = 1; progress <= count; progress++) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: count } })
    }
    return { content: [{ type: 'text', text: `${count} events` }] }
  })
  return server
}
