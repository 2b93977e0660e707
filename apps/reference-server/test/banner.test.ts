import t from 'tap'
import { banner, endpointUrl } from '../src/banner.ts'
import { readConfig, type Environment } from '../src/config.ts'

const urls: Array<[host: string, url: string]> = [
  ['127.0.0.1', 'http://127.0.0.1:4000/mcp'],
  ['localhost', 'http://localhost:4000/mcp'],
  ['::1', 'http://[::1]:4000/mcp'],
  ['0.0.0.0', 'http://127.0.0.1:4000/mcp'],
  ['::', 'http://[::1]:4000/mcp'],
  ['mcp.example.com', 'http://mcp.example.com:4000/mcp']
]

for (const [HOST, url] of urls) {
  t.test(`the URL for HOST=${HOST}`, async t => {
    t.equal(endpointUrl(readConfig({ HOST, MCP_ALLOW_PUBLIC: 'on' }), 4000), url)
  })
}

t.test('the banner holds what to paste', async t => {
  const printed = banner(readConfig({ MCP_PATH: '/', MCP_APPLICATION: 'raw', MCP_SESSIONS: 'off' }), 4001)
  t.match(printed, 'raw application, sessions off')
  t.match(printed, 'claude mcp add --transport http reference http://127.0.0.1:4001/\n')
  const json = printed.slice(printed.indexOf('{'))
  t.same(JSON.parse(json), { mcpServers: { reference: { type: 'http', url: 'http://127.0.0.1:4001/' } } })
})

t.test('the banner names the URL clients use where there is one', async t => {
  const printed = banner(readConfig({ MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' }), 4001)
  t.match(printed, 'claude mcp add --transport http reference https://mcp.example.com/mcp\n')
})

t.test('the banner says who may call, and never with which secret', async t => {
  const MCP_PUBLIC_URL = 'https://mcp.example.com/mcp'
  const id = 'https://id.example.com'
  const introspection = {
    MCP_AUTH: 'introspection',
    MCP_PUBLIC_URL,
    MCP_INTROSPECTION_URL: id,
    MCP_INTROSPECTION_ISSUER: id,
    MCP_INTROSPECTION_CLIENT_ID: 'me',
    MCP_INTROSPECTION_CLIENT_SECRET: 'hush-hush'
  }
  const table: Array<[Environment, string]> = [
    [{}, 'anybody who reaches it (MCP_AUTH is off)'],
    [{ MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: 'keys.json' }, 'API keys in keys.json'],
    [{ MCP_AUTH: 'jwt', MCP_JWT_ISSUER: id, MCP_PUBLIC_URL }, `JWTs of ${id}`],
    [{ MCP_AUTH: 'jwt', MCP_JWT_ISSUER: id, MCP_PUBLIC_URL, MCP_API_KEYS_FILE: 'keys.json' }, `JWTs of ${id}, API keys in keys.json`],
    [introspection, `tokens of ${id}`]
  ]
  for (const [environment, callers] of table) {
    const printed = banner(readConfig(environment), 4001)
    t.match(printed, `Who calls    ${callers}\n`)
    t.notMatch(printed, 'hush-hush')
  }
  t.match(banner(readConfig({ MCP_AUTH: 'api-key', MCP_API_KEYS_FILE: 'keys.json' }), 1), '--header "Authorization: Bearer YOUR_API_KEY"')
})

t.test('the banner names the console where there is one', async t => {
  t.match(banner(readConfig({}), 4000), 'Console      http://127.0.0.1:4000/\n')
  t.notMatch(banner(readConfig({ MCP_CONSOLE: 'off' }), 4000), 'Console')
})

t.test('F-14 the banner names the HTTP+SSE URL where there is one', async t => {
  t.match(banner(readConfig({ MCP_LEGACY_SSE: 'on' }), 4000), 'HTTP+SSE     http://127.0.0.1:4000/sse')
  t.notMatch(banner(readConfig({}), 4000), 'HTTP+SSE')
})
