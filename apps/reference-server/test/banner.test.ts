import t from 'tap'
import { banner, endpointUrl } from '../src/banner.ts'
import { readConfig } from '../src/config.ts'

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
    t.equal(endpointUrl(readConfig({ HOST }), 4000), url)
  })
}

t.test('the banner holds what to paste', async t => {
  const printed = banner(readConfig({ MCP_PATH: '/', MCP_APPLICATION: 'raw', MCP_SESSIONS: 'off' }), 4001)
  t.match(printed, 'raw application, sessions off')
  t.match(printed, 'claude mcp add --transport http reference http://127.0.0.1:4001/\n')
  const json = printed.slice(printed.indexOf('{'))
  t.same(JSON.parse(json), { mcpServers: { reference: { type: 'http', url: 'http://127.0.0.1:4001/' } } })
})
