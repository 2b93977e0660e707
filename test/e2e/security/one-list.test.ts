/** One list of origins for CORS of `@mcp/security` and for the endpoint. */
import cors from '@fastify/cors'
import { mcpSecurity, type McpSecurityOptions } from '@mcp/security'
import { mcpStreamable, type McpStreamableOptions } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t, { type Test } from 'tap'

const PAGE = 'https://app.example.com'
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '1' } }
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })

/** Statuses for a page, and whether the preflight let it pass. */
async function start (t: Test, security: McpSecurityOptions, streamable: Partial<McpStreamableOptions>) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity, security)
  await app.register(mcpStreamable, { application: () => ({ ...params, serverInfo: params.clientInfo }), ...streamable })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/mcp`
  return async (origin: string): Promise<[boolean, number, string | null]> => {
    const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    const headers = { origin, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const reply = await fetch(url, { method: 'POST', headers, body })
    await reply.body?.cancel()
    return [preflight.headers.get('access-control-allow-origin') === origin, reply.status, reply.headers.get('access-control-allow-origin')]
  }
}

t.test('H-3 H-9: cors.allowedOrigins drives the endpoint, too', async t => {
  for (const allowedOrigins of [[PAGE], (origin: string) => origin === PAGE]) {
    const page = await start(t, { cors: { allowedOrigins } }, {})
    t.strictSame(await page(PAGE), [true, 200, PAGE])
    t.strictSame(await page('https://evil.example'), [false, 403, null])
    t.equal((await page('null'))[1], 403)
  }
  const every = await start(t, { cors: { allowedOrigins: ['*'] } }, {})
  t.equal((await every('https://evil.example'))[1], 200, 'that is what it says')
})

t.test('H-3 H-9: allowedOrigins of the endpoint drives CORS, too', async t => {
  const page = await start(t, {}, { allowedOrigins: [PAGE] })
  t.strictSame(await page(PAGE), [true, 200, PAGE])
  t.strictSame(await page('https://evil.example'), [false, 403, null])
})

t.test('H-3: where both are set, each holds', async t => {
  const page = await start(t, { cors: { allowedOrigins: ['https://other.example'] } }, { allowedOrigins: [PAGE] })
  t.strictSame(await page(PAGE), [false, 200, null])
  t.strictSame(await page('https://other.example'), [true, 403, 'https://other.example'])
})

t.test('H-9: @fastify/cors of the application stays, and two sets of rules are an error', async t => {
  const app = Fastify()
  await app.register(cors, { origin: PAGE })
  await app.register(mcpSecurity)
  await app.ready()
  t.equal((await app.inject({ method: 'OPTIONS', url: '/', headers: { origin: PAGE, 'access-control-request-method': 'GET' } })).statusCode, 204)
  await app.close()
  const both = Fastify()
  await both.register(cors, { origin: PAGE })
  await t.rejects(async () => { await both.register(mcpSecurity, { cors: { allowedOrigins: [PAGE] } }) }, { code: 'MCP_SECURITY_BAD_OPTION', message: /@fastify\/cors/ })
})
