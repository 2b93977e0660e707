import { MetaKey } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig, type Environment } from '../src/config.ts'

const host = '127.0.0.1:3000'
const json = { host, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const modern = { ...json, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' }

async function app (t: Test, variables: Environment = {}) {
  const built = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', ...variables }))
  t.teardown(() => built.close())
  return built
}

function modernCall (name: string, input: object) {
  const _meta = { [MetaKey.ProtocolVersion]: '2026-07-28', [MetaKey.ClientCapabilities]: {}, progressToken: 'p' }
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input, _meta } }
}

for (const MCP_APPLICATION of ['raw', 'sdk']) {
  t.test(`${MCP_APPLICATION}: echo and burst over HTTP`, async t => {
    const server = await app(t, { MCP_APPLICATION })
    const echo = await server.inject({
      method: 'POST', url: '/mcp', headers: { ...modern, 'mcp-name': 'echo' }, payload: modernCall('echo', { text: 'hi' })
    })
    t.equal(echo.statusCode, 200)
    t.match(echo.json(), { id: 1, result: { resultType: 'complete', content: [{ type: 'text', text: 'hi' }] } })

    const burst = await server.inject({
      method: 'POST', url: '/mcp', headers: { ...modern, 'mcp-name': 'burst' }, payload: modernCall('burst', { count: 5 })
    })
    t.match(burst.headers['content-type'], 'text/event-stream')
    t.equal(burst.payload.split('notifications/progress').length - 1, 5)
    t.match(burst.payload, 'Sent 5 progress notifications')
  })
}

t.test('A-26 MCP_SESSIONS=off leaves POST alone, at the path of MCP_PATH', async t => {
  const server = await app(t, { MCP_SESSIONS: 'off', MCP_PATH: '/api/mcp' })
  const refused = await server.inject({ method: 'GET', url: '/api/mcp', headers: { host, accept: 'text/event-stream' } })
  t.equal(refused.statusCode, 405)
  t.equal((await server.inject({ method: 'GET', url: '/mcp', headers: { host } })).statusCode, 404)
})

t.test('F-14 MCP_LEGACY_SSE=on serves HTTP+SSE, off does not', async t => {
  t.equal((await (await app(t)).inject({ url: '/sse', headers: { host } })).statusCode, 404)
  const server = await app(t, { MCP_LEGACY_SSE: 'on', MCP_PUBLIC_URL: 'https://mcp.example.com/tools/mcp', MCP_ALLOWED_HOSTS: '127.0.0.1' })
  const origin = await server.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(origin + '/sse', { headers: { accept: 'text/event-stream' } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('sessionId')) text += (await reader?.read())?.value ?? ''
  t.match(text, /event: endpoint\ndata: \/tools\/messages\?sessionId=/)
  await reader?.cancel()
})

t.test('H-4 MCP_ALLOWED_HOSTS replaces the names of this machine', async t => {
  const server = await app(t, { MCP_ALLOWED_HOSTS: 'mcp.example.com' })
  const request = { method: 'POST', url: '/mcp', payload: modernCall('echo', { text: 'hi' }) } as const
  const named = await server.inject({ ...request, headers: { ...modern, 'mcp-name': 'echo', host: 'mcp.example.com' } })
  t.equal(named.statusCode, 200)
  const other = await server.inject({ ...request, headers: { ...modern, 'mcp-name': 'echo', host: 'evil.example' } })
  t.equal(other.statusCode, 403)
})

t.test('H-9 a page on this machine may call, also with mirrored arguments', async t => {
  const server = await app(t)
  const origin = 'http://localhost:6274'
  const preflight = await server.inject({
    method: 'OPTIONS',
    url: '/mcp',
    headers: {
      host, origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-method,mcp-param-region'
    }
  })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['access-control-allow-origin'], origin)
  t.match(preflight.headers['access-control-allow-headers'], /Mcp-Method.*mcp-param-region/)

  const headers = { ...modern, 'mcp-name': 'burst', origin }
  const burst = await server.inject({ method: 'POST', url: '/mcp', headers, payload: modernCall('burst', { count: 1 }) })
  t.match(burst.headers['content-type'], 'text/event-stream')
  t.equal(burst.headers['access-control-allow-origin'], origin, 'also on a streamed reply')
  t.match(burst.headers['access-control-expose-headers'], 'Mcp-Session-Id')
})

t.test('H-2 another page is refused and told nothing', async t => {
  const server = await app(t)
  const headers = { ...modern, 'mcp-name': 'echo', origin: 'https://evil.example' }
  const refused = await server.inject({ method: 'POST', url: '/mcp', headers, payload: modernCall('echo', { text: 'hi' }) })
  t.equal(refused.statusCode, 403)
  t.equal(refused.headers['access-control-allow-origin'], undefined)
})
