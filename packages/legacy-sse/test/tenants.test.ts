/** HTTP+SSE under a prefix with a parameter. */
import Fastify from 'fastify'
import t from 'tap'
import { mcpStreamable } from '@mcp/streamable-core'
import { mcpLegacySse, type McpLegacySseOptions } from '../src/index.ts'
import { answering, initialize, open, request } from './helper.ts'

async function start (t: { teardown (end: () => unknown): unknown }, prefix: string, options: McpLegacySseOptions = {}): Promise<string> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async scope => {
    await scope.register(mcpStreamable, { application: answering(), closeTimeoutMs: 100, sessions: true })
    await scope.register(mcpLegacySse, options)
  }, { prefix })
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

t.test('F-11, D-15: the endpoint event names the tenant, and no other tenant reaches the session', async t => {
  const origin = await start(t, '/:tenant')
  for (const [tenant, named] of [['blue', 'blue'], ['a%20b', 'a%20b'], ['%C3%A4', '%C3%A4'], ['a%0A%0Adata%3A%20x', 'a%0A%0Adata%3A%20x'], ['a%3Fb%23c', 'a%3Fb%23c'], ['a$1', 'a%241']]) {
    const stream = await open(`${origin}/${tenant}/sse`)
    t.equal(stream.endpointData.replace(/=.*/, ''), `/${named}/messages?sessionId`)
    t.match(await stream.ask(initialize()), { id: 0, result: { protocolVersion: '2024-11-05' } })
    t.match(await stream.ask(request('ping')), { id: 1, result: {} })
    const elsewhere = stream.endpoint.replace(`/${named}/`, '/red/')
    t.not(elsewhere, stream.endpoint)
    const headers = { 'content-type': 'application/json' }
    t.equal((await fetch(elsewhere, { method: 'POST', headers, body: JSON.stringify(request('ping')) })).status, 404)
    t.match(await stream.ask(request('ping', {}, 2)), { id: 2, result: {} }, 'the session lives on')
    await stream.close()
  }
})

t.test('F-11: several parameters, patterns, own paths and public URLs', async t => {
  const data = async (url: string): Promise<string> => {
    const stream = await open(url)
    await stream.close()
    return stream.endpointData.replace(/=.*/, '')
  }
  t.equal(await data(`${await start(t, '/:tenant/:room(^\\d+)')}/blue/7/sse`), '/blue/7/messages?sessionId')
  t.equal(await data(`${await start(t, '/:tenant', { prefix: '/old/:version' })}/blue/old/1/sse`), '/blue/old/1/messages?sessionId')
  t.equal(await data(`${await start(t, '', { ssePath: '/:tenant/s', messagesPath: '/:tenant/m' })}/blue/s`), '/blue/m?sessionId')
  t.equal(await data(`${await start(t, '/:tenant', { publicUrl: 'https://mcp.example:8443/:tenant/x' })}/blue/sse`), 'https://mcp.example:8443/blue/x/messages?sessionId')
  t.equal(await data(`${await start(t, '/:tenant', { publicUrl: '/public' })}/blue/sse`), '/public/messages?sessionId')
})

t.test('a stream at a path with a parameter and messages at one without still work', async t => {
  const stream = await open(`${await start(t, '', { ssePath: '/:tenant/sse' })}/blue/sse`)
  t.match(await stream.ask(initialize()), { id: 0, result: {} })
  await stream.close()
  await t.rejects(start(t, '', { messagesPath: '/:tenant/messages' }), { code: 'MCP_LEGACY_SSE_BAD_OPTION', message: /":tenant", which "ssePath" lacks/ })
})
