import t from 'tap'
import { Ticker } from '@mcp/storage'
import { sqliteStorage } from '../src/index.ts'

const folder = t.testdir()

const bad: Array<[options: object, message: RegExp]> = [
  [{}, /^sqliteStorage: option "path" must be a non-empty string, got nothing$/],
  [{ path: '' }, /option "path" must be a non-empty string, got ""$/],
  [{ path: 7 }, /option "path" must be a non-empty string, got 7$/],
  [{ path: folder, durability: 'disk' }, /option "durability" must be "process" or "power", got "disk"$/],
  [{ path: folder, events: { maxEvents: -1 } }, /option "events.maxEvents" must be an integer of at least 0, got -1$/],
  [{ path: folder, events: { maxBytes: '4 MB' } }, /option "events.maxBytes" must be an integer of at least 0, got "4 MB"$/],
  [{ path: folder, events: { maxAgeMs: 0 } }, /option "events.maxAgeMs" must be a number greater than 0, got 0$/],
  [{ path: folder, ticker: setInterval }, /option "ticker" must be a Ticker, got a function$/],
  [{ path: folder, file: 'x' }, /option "file" is unknown, expected "path", "durability", "events", "budget" or "ticker"$/]
]

for (const [options, message] of bad) {
  t.test(String(message), async t => {
    t.throws(() => Reflect.apply(sqliteStorage, null, [options]), { code: 'MCP_SQLITE_BAD_OPTION', statusCode: 500, message })
  })
}

t.test('every option can be given', async t => {
  const ticker = new Ticker()
  const storage = sqliteStorage({ path: folder, durability: 'process', events: { maxEvents: 1, maxBytes: 1, maxAgeMs: 0.5 }, ticker })
  t.equal(storage.name, 'sqlite')
  await storage.close()
})
