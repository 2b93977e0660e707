/** The page at `/`: what is served, configuration for clients, a playground, and the live view of this node. */
import fastifyStatic from '@fastify/static'
import { ErrorCode } from '@mcp/protocol'
import { sendRefusal } from '@mcp/streamable-core'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { consoleFacts } from './console-facts.ts'
import { consoleFiles } from './console-files.ts'
import { hostFault, hostPolicy, isForeign } from './console-guard.ts'
import { PAGE_HEADERS } from './console-policy.ts'

const NOT_BUILT = 'The console is not built. Build it with "npx --yes pnpm@12 --filter @mcp/console build" and restart, or set MCP_CONSOLE=off.'
/** Their names change with their content. */
const FOREVER = { maxAge: '365d', immutable: true }

/**
 * Adds the page, its files and its facts. Credentials are asked for by what the page calls, not by the page.
 * @param files Where the built page is; `null`: nowhere, and the page says what to do about it.
 */
export async function addConsole (app: FastifyInstance, config: Config, files: string | null = consoleFiles()): Promise<void> {
  await app.register(async scope => {
    const policy = hostPolicy(config)
    scope.addHook('onRequest', async (request, reply) => {
      const fault = hostFault(request, policy)
      if (fault !== undefined) forbid(reply, fault)
    })
    scope.get('/console/facts.json', { onRequest: sameOrigin }, async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return consoleFacts(config, app.mcp.revisions)
    })
    if (files === null) return addExcuse(scope)
    await scope.register(fastifyStatic, { root: files, serve: false })
    scope.get('/', { helmet: PAGE_HEADERS }, (_request, reply) => {
      return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false })
    })
    scope.get<{ Params: { '*': string } }>('/console/*', { helmet: PAGE_HEADERS }, (request, reply) => {
      return reply.sendFile(`console/${request.params['*']}`, FOREVER)
    })
  })
}

async function sameOrigin (request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (isForeign(request)) forbid(reply, 'pages of other origins are told nothing here')
}

function addExcuse (scope: FastifyInstance): void {
  scope.log.warn(NOT_BUILT)
  scope.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(`${NOT_BUILT}\n`))
}

function forbid (reply: FastifyReply, fault: string): void {
  const message = `Forbidden: ${fault}`
  sendRefusal(reply, { kind: 'refused', rung: 'console', status: 403, id: undefined, code: ErrorCode.InvalidRequest, message })
}
