import { mcpStorage } from '@mcp/storage'
import Fastify from 'fastify'
import t from 'tap'
import { mcpSessions, type McpSessionsOptions } from '../src/index.ts'

/** What somebody without a type checker may pass. */
const untyped = (options: object) => options as McpSessionsOptions

const rows: ReadonlyArray<readonly [options: object, sentence: string]> = [
  [{ idleMs: 5 }, 'option "idleMs" must be an integer of at least 100, got 5'],
  [{ idleMs: '30m' }, 'option "idleMs" must be an integer of at least 100, got "30m"'],
  [{ lifetimeMs: null }, 'option "lifetimeMs" must be an integer of at least 100, got null'],
  [{ maxSessions: 0 }, 'option "maxSessions" must be an integer of at least 1, got 0'],
  [{ maxSessionsPerPrincipal: 1.5 }, 'option "maxSessionsPerPrincipal" must be an integer of at least 1, got 1.5'],
  [{ max: 1 }, 'option "max" is unknown, expected "idleMs", "lifetimeMs", "maxSessions", "maxSessionsPerPrincipal", ' +
    '"maxSessionsPerAddress" or "maxStateBytes"']
]

t.test('a bad option throws at registration and names option and expected shape', async t => {
  for (const [options, sentence] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(mcpStorage)
    await t.rejects(async () => app.register(mcpSessions, untyped(options)), {
      code: 'MCP_SESSION_BAD_OPTION', message: `mcpSessions: ${sentence}`
    })
  }
})

t.test('D-11 D-12: the limits nobody asked for', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStorage)
  await app.register(mcpSessions, untyped({ idleMs: undefined }))
  const endpoint = { name: 'main', respond () {} }
  const session = app.mcpSessions.open(endpoint, '', { protocolVersion: '', capabilities: {}, clientInfo: {} }, '2025-11-25')
  t.equal(session.expiresAt - session.createdAt, 30 * 60 * 1000)
})
