import Fastify from 'fastify'
import t from 'tap'
import { mcpSse, type McpSseOptions } from '../src/index.ts'

/** What somebody without a type checker may pass. */
const untyped = (options: object) => options as McpSseOptions

const rows: ReadonlyArray<readonly [options: object, sentence: string]> = [
  [{ keepAliveMs: 5 }, 'option "keepAliveMs" must be an integer from 10 to 300000, got 5'],
  [{ keepAliveMs: '15s' }, 'option "keepAliveMs" must be an integer from 10 to 300000, got "15s"'],
  [{ keepAliveMs: 1_000_000 }, 'option "keepAliveMs" must be an integer from 10 to 300000, got 1000000'],
  [{ stallMs: 0 }, 'option "stallMs" must be an integer of at least 10, got 0'],
  [{ maxUnsentBytes: 1.5 }, 'option "maxUnsentBytes" must be an integer of at least 1024, got 1.5'],
  [{ maxUnsentBytes: null }, 'option "maxUnsentBytes" must be an integer of at least 1024, got null'],
  [{ keepAlive: 15 }, 'option "keepAlive" is unknown, expected "keepAliveMs", "stallMs", "maxUnsentBytes" or "maxTotalUnsentBytes"']
]

t.test('a bad option throws at registration and names option and expected shape', async t => {
  for (const [options, sentence] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => app.register(mcpSse, untyped(options)), { code: 'MCP_SSE_BAD_OPTION', message: `mcpSse: ${sentence}` })
  }
})

t.test('good options and none are taken', async t => {
  for (const options of [{}, { keepAliveMs: 10, stallMs: 10, maxUnsentBytes: 1024 }, { keepAliveMs: undefined }]) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(mcpSse, untyped(options))
    t.ok(app.hasReplyDecorator('mcpStream'))
  }
})
