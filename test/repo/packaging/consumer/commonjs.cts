import Fastify from 'fastify'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js'
import { McpServer, Server } from '@modelcontextprotocol/server'
import { sdkApplication } from '@mcp/sdk-adapter'
import { sdkV1Application } from '@mcp/sdk-adapter/v1'
import { mcpStreamable } from '@mcp/streamable-core'

/*
 * What someone writes whose program is CommonJS, as NestJS generates it. The SDK declares its classes once more for CommonJS, so a type
 * that names the classes of its ES modules does not accept these.
 */
const info = { name: 'commonjs', version: '1.0.0' }

export async function build () {
  const app = Fastify()
  await app.register(mcpStreamable, { application: sdkApplication(() => new McpServer(info)) })
  await app.register(mcpStreamable, { prefix: '/low', application: sdkApplication(async () => new Server(info, { capabilities: {} })) })
  await app.register(mcpStreamable, { prefix: '/v1', application: sdkV1Application(({ session }) => new McpServerV1({ ...info, title: session?.id ?? '' })) })
  await app.register(mcpStreamable, { prefix: '/v1-low', application: sdkV1Application(async () => new ServerV1(info, { capabilities: {} })) })
  return app
}

// @ts-expect-error: a server of SDK 1.x is not one of 2.x
sdkApplication(() => new McpServerV1(info))
