import { McpServer, type McpServerOptions } from '@modelcontextprotocol/server'
import type { ServerSurroundings } from './context.ts'
import { registerPrompts } from './prompts.ts'
import { requestState } from './request-state.ts'
import { registerResources } from './resources.ts'
import { registerBasicTools } from './tools-basic.ts'
import { registerChangeTools } from './tools-change.ts'
import { registerElicitationTools } from './tools-elicitation.ts'
import { registerInputRequiredTools } from './tools-input-required.ts'
import { registerMultiRoundTool } from './tools-multi-round.ts'
import { registerSchemaTools } from './tools-schema.ts'
import { registerStreamingTools } from './tools-streaming.ts'

// Lists are the same for every caller; what is read may not be.
const LIST_HINT = { ttlMs: 60_000, cacheScope: 'public' } as const

const options: McpServerOptions = {
  instructions: 'Reference server: try echo, burst and countdown; the test_* tools exercise one feature of the protocol each.',
  capabilities: {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
    completions: {},
    logging: {}
  },
  cacheHints: {
    'server/discover': LIST_HINT,
    'tools/list': LIST_HINT,
    'prompts/list': LIST_HINT,
    'resources/list': LIST_HINT,
    'resources/templates/list': LIST_HINT,
    'resources/read': { ttlMs: 0, cacheScope: 'private' }
  },
  requestState: { verify: requestState.verify }
}

/** A fresh server with every feature the official conformance scenarios ask for, on every revision. */
export function buildServer (surroundings: ServerSurroundings): McpServer {
  const server = new McpServer({ name: 'mcp-reference-server', version: '0.0.0' }, options)
  registerBasicTools(server)
  registerStreamingTools(server)
  registerSchemaTools(server)
  registerElicitationTools(server)
  registerInputRequiredTools(server)
  registerMultiRoundTool(server)
  registerChangeTools(server, surroundings)
  registerResources(server)
  registerPrompts(server)
  return server
}
