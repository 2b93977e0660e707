import t from 'tap'
import { readConfig } from '../src/config.ts'
import { corsOptions, isAllowedOrigin } from '../src/origins.ts'

const local = readConfig({})
const open = readConfig({ HOST: '0.0.0.0' })
const listed = readConfig({ MCP_ALLOWED_ORIGINS: 'https://app.example.com,moz-extension://*' })

const table = [
  [local, 'http://localhost:6274', true],
  [local, 'http://127.0.0.1', true],
  [local, 'http://[::1]:8080', true],
  [local, 'https://evil.example', false],
  [local, 'http://localhost.evil.example', false],
  [local, 'null', false],
  [open, 'http://localhost:6274', false],
  [listed, 'https://app.example.com', true],
  [listed, 'https://APP.example.com', true],
  [listed, 'https://app.example.com:8443', false],
  [listed, 'http://app.example.com', false],
  [listed, 'moz-extension://0f1e2d3c', true],
  [listed, 'chrome-extension://0f1e2d3c', false],
  [listed, 'http://localhost:6274', false],
  [listed, 'null', false]
] as const

for (const [config, origin, allowed] of table) {
  t.test(`H-3 ${origin} on ${config.host}, listed ${config.allowedOrigins ?? 'nothing'}: ${allowed ? 'allowed' : 'refused'}`, async t => {
    t.equal(isAllowedOrigin(origin, config), allowed)
  })
}

t.test('H-9 an allowed page may send and read what MCP needs', async t => {
  const options = corsOptions({
    origin: 'http://localhost:6274',
    'access-control-request-headers': 'content-type, mcp-param-Region, x-other,Mcp-Param-Shard'
  }, local)
  t.equal(options.origin, true)
  t.same(options.methods, ['GET', 'POST', 'DELETE'])
  t.match(options.allowedHeaders, ['Authorization', 'Content-Type'])
  t.same(options.allowedHeaders?.slice(-2), ['mcp-param-Region', 'Mcp-Param-Shard'], 'mirrored arguments by prefix, others not')
  t.ok(options.exposedHeaders?.includes('Mcp-Session-Id'))
})

t.test('H-9 nothing is said to other pages and to callers that are none', async t => {
  t.same(corsOptions({ origin: 'https://evil.example' }, local), { origin: false })
  t.same(corsOptions({}, local), { origin: false })
})
