import Fastify from 'fastify'
import t from 'tap'
import { mcpStorage, memoryStorage, Ticker } from '../src/index.ts'
import type { McpStorageOptions } from '../src/index.ts'

/** What somebody without a type checker may pass. */
const untyped = (options: object) => options as McpStorageOptions

const SHAPE = 'a storage (name, sessions, events, bus, nodes, close)'

t.test('a storage of the wrong shape is refused at registration', async t => {
  const whole = memoryStorage()
  t.teardown(() => whole.close())
  const rows: Array<[unknown, string]> = [
    ['redis', '"redis"'],
    [null, 'null'],
    [() => whole, 'a function'],
    [{ ...whole, name: undefined }, 'an object'],
    [{ ...whole, close: undefined }, 'an object'],
    [{ ...whole, sessions: { read () {} } }, 'an object'],
    [{ ...whole, events: undefined }, 'an object'],
    [{ ...whole, bus: { publish () {} } }, 'an object'],
    [{ ...whole, nodes: undefined }, 'an object']
  ]
  for (const [storage, given] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => app.register(mcpStorage, untyped({ storage })), {
      code: 'MCP_STORAGE_BAD_OPTION',
      message: `mcpStorage: option "storage" must be ${SHAPE}, got ${given}`
    })
  }
})

t.test('an unknown option is refused at registration', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => app.register(mcpStorage, untyped({ store: 'memory' })), {
    code: 'MCP_STORAGE_BAD_OPTION',
    message: 'mcpStorage: option "store" is unknown, expected "storage"'
  })
})

t.test('memoryStorage refuses bad bounds', async t => {
  const bad = (options: object) => () => memoryStorage(Object.assign({}, options))
  const code = 'MCP_STORAGE_BAD_OPTION'
  t.throws(bad({ events: { maxEvents: 1.5 } }), { code, message: 'memoryStorage: option "events.maxEvents" must be an integer of at least 0, got 1.5' })
  t.throws(bad({ events: { maxBytes: -1 } }), { code, message: 'memoryStorage: option "events.maxBytes" must be an integer of at least 0, got -1' })
  t.throws(bad({ events: { maxAgeMs: 0 } }), { code, message: 'memoryStorage: option "events.maxAgeMs" must be a number greater than 0, got 0' })
  t.throws(bad({ events: { max: 1 } }), { code, message: /option "events.max" is unknown, expected "maxEvents", "maxBytes" or "maxAgeMs"/ })
  t.throws(bad({ ticker: {} }), { code, message: 'memoryStorage: option "ticker" must be a Ticker, got an object' })
  await memoryStorage({ events: { maxAgeMs: 5 }, ticker: new Ticker() }).close()
})
