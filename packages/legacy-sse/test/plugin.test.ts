/** How the transport is mounted, and whom it lets in. */
import { ErrorCode, type Authentication, type MessageGate } from '@mcp/protocol'
import { memoryStorage, mcpStorage } from '@mcp/storage'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t from 'tap'
import { mcpLegacySse, type McpLegacySseOptions } from '../src/index.ts'
import { answering, initialize, open, request, start } from './helper.ts'

t.test('options are checked', async t => {
  const bad: Array<[unknown, RegExp]> = [
    [{ ssePath: 'sse' }, /"ssePath" must be a path that starts with/], [{ publicUrl: 'example.com' }, /"publicUrl" must be a path or an absolute/],
    [{ shareEndpoint: 'yes' }, /shareEndpoint/], [{ path: '/sse' }, /path/]
  ]
  for (const [options, message] of bad) {
    const app = Fastify()
    await app.register(mcpStreamable, { application: answering() })
    await t.rejects(async () => app.register(mcpLegacySse, options as McpLegacySseOptions), { code: 'MCP_LEGACY_SSE_BAD_OPTION', message })
    await app.close()
  }
})

t.test('it needs an endpoint that serves the legacy era, and comes once', async t => {
  const alone = Fastify()
  await t.rejects(async () => alone.register(mcpLegacySse), { code: 'MCP_LEGACY_SSE_NO_ENDPOINT' })
  const modern = Fastify()
  await modern.register(mcpStreamable, { application: answering(), revisions: ['2026-07-28'] })
  await t.rejects(async () => modern.register(mcpLegacySse), { code: 'MCP_LEGACY_SSE_MODERN_ONLY' })
  const twice = Fastify()
  await twice.register(mcpStreamable, { application: answering() })
  await twice.register(mcpLegacySse)
  await t.rejects(async () => twice.register(mcpLegacySse), { code: 'MCP_LEGACY_SSE_ALREADY_REGISTERED' })
  await Promise.all([alone.close(), modern.close(), twice.close()])
})

t.test('F-14: it is off unless registered', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: answering() })
  t.equal((await app.inject('/sse')).statusCode, 404)
})

t.test('F-11: the endpoint event honours prefixes, and a configured public URL instead', async t => {
  const mounted = async (prefix: string, options: McpLegacySseOptions): Promise<string> => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(async scope => {
      await scope.register(mcpStreamable, { application: answering(), closeTimeoutMs: 100, allowedHosts: ['127.0.0.1'] })
      await scope.register(mcpLegacySse, options)
    }, { prefix })
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { 'x-forwarded-prefix': '/evil', 'x-forwarded-host': 'evil.example' }
    const { endpointData, close } = await open(origin + prefix + (options.prefix ?? '') + (options.ssePath ?? '/sse'), headers)
    await close()
    return endpointData.replace(/=.*/, '')
  }
  t.equal(await mounted('', { ssePath: '/s', messagesPath: '/m' }), '/m?sessionId')
  t.equal(await mounted('/api', {}), '/api/messages?sessionId')
  t.equal(await mounted('/api', { prefix: '/old' }), '/api/old/messages?sessionId')
  t.equal(await mounted('/api', { publicUrl: '/public/' }), '/public/messages?sessionId')
  t.equal(await mounted('', { publicUrl: 'https://mcp.example/x' }), 'https://mcp.example/x/messages?sessionId')
})

t.test('users row 27: prefix and paths may be written in every way that Fastify takes, and the router\'s options apply', async t => {
  for (const prefix of ['/api', '/api/', 'api', 'api/']) {
    const { origin } = await start(t, { sse: { prefix } })
    const { ask, close, endpointData } = await open(`${origin}/api/sse`)
    t.match(endpointData, /^\/api\/messages\?sessionId=/, prefix)
    t.match((await ask(initialize())).result, { protocolVersion: '2024-11-05' }, prefix)
    await close()
  }
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false } })
  t.teardown(() => app.close())
  await app.register(async scope => {
    await scope.register(mcpStreamable, { application: answering(), closeTimeoutMs: 100 })
    await scope.register(mcpLegacySse, { ssePath: '/', prefix: '/old', logLevel: 'error', logSerializers: {} })
  }, { prefix: '/v1/' })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const url of ['/v1/old', '/v1/old/', '//v1/OLD']) {
    const { ask, close, endpointData } = await open(origin + url)
    t.match(endpointData, /^\/v1\/old\/messages\?sessionId=/, url)
    t.match((await ask(initialize())).result, { protocolVersion: '2024-11-05' }, url)
    await close()
  }
})

t.test('routes are hidden from @fastify/swagger, and OPTIONS takes any media type', async t => {
  const hidden: unknown[] = []
  const { origin } = await start(t, { prepare: app => { app.addHook('onRoute', ({ schema }) => { hidden.push(Reflect.get(schema ?? {}, 'hide')) }) } })
  t.ok(hidden.length > 8 && hidden.every(hide => hide === true))
  for (const path of ['/sse', '/messages']) {
    t.equal((await fetch(origin + path, { method: 'OPTIONS', headers: { 'content-type': 'banana' }, body: 'x' })).status, 204, path)
    t.equal((await fetch(origin + path, { method: 'DELETE', headers: { 'content-type': 'banana' }, body: 'x' })).status, 405, path)
  }
})

t.test('F-13: one URL may serve both transports', async t => {
  const { origin } = await start(t, { sse: { shareEndpoint: true } })
  const { ask, endpointData } = await open(origin + '/mcp')
  t.match(endpointData, /^\/messages\?/)
  t.match((await ask(initialize())).result, { protocolVersion: '2024-11-05' })
  const named = await fetch(origin + '/mcp', { headers: { accept: 'text/event-stream', 'mcp-session-id': 'x'.repeat(32) } })
  t.equal(named.status, 404, 'whoever names a session means Streamable HTTP')
})

t.test('the sessions of one transport are unknown to the other', async t => {
  const { origin } = await start(t)
  const { ask, endpoint } = await open(origin + '/sse')
  await ask(initialize())
  const id = new URL(endpoint).searchParams.get('sessionId') ?? ''
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const body = JSON.stringify(request('ping'))
  t.equal((await fetch(origin + '/mcp', { method: 'POST', headers: { ...headers, 'mcp-session-id': id }, body })).status, 404)
  const opened = await fetch(origin + '/mcp', { method: 'POST', headers, body: JSON.stringify(initialize('2025-11-25')) })
  const streamable = opened.headers.get('mcp-session-id') ?? ''
  t.equal((await fetch(`${origin}/messages?sessionId=${streamable}`, { method: 'POST', headers, body })).status, 404)
})

const byToken = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): Authentication => {
  const subject = headers.authorization
  if (typeof subject === 'string') return { kind: 'principal', principal: { kind: 'test', issuer: 'i', subject, scopes: [] } }
  const fields = { 'www-authenticate': 'Bearer' }
  return { kind: 'refused', rung: 'auth', status: 401, id: undefined, code: ErrorCode.InvalidRequest, message: 'no', headers: fields }
}

t.test('F-5, F-6, F-14: every message is authenticated, and only whoever opened the stream may send', async t => {
  const { origin } = await start(t, { prepare: app => { app.decorate('mcpAuth', { authenticate: byToken }) } })
  t.equal((await fetch(origin + '/sse')).status, 401)
  const { post, ask } = await open(origin + '/sse', { authorization: 'alice' })
  await ask(initialize())
  const foreign = await post(request('ping'), { authorization: 'bob' })
  t.equal(foreign.status, 404)
  t.match(await foreign.json(), { error: { message: 'Session not found' } })
  const { endpoint } = await open(origin + '/sse', { authorization: 'alice' })
  const anonymous = await fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  t.equal(anonymous.status, 401)
  t.equal(anonymous.headers.get('www-authenticate'), 'Bearer')
})

t.test('gates are asked, caps hold, a draining server opens no streams', async t => {
  const gate: MessageGate = {
    judge: ({ method }) => method === 'forbidden'
      ? { kind: 'refused', rung: 'scope', status: 403, id: undefined, code: ErrorCode.InvalidRequest, message: 'no' }
      : null
  }
  const prepare = (app: ReturnType<typeof Fastify>): void => { app.decorate('mcpGates', [gate]) }
  const { origin, app } = await start(t, { endpoint: { limits: { sessions: 2, sessionsPerAddress: 2 } }, prepare })
  const { post, ask } = await open(origin + '/sse')
  await ask(initialize())
  t.equal((await post(request('forbidden'))).status, 403)
  await open(origin + '/sse')
  const third = await fetch(origin + '/sse')
  t.equal(third.status, 503)
  t.equal(third.headers.get('retry-after'), '1')
  app.mcp.drain()
  t.equal((await fetch(origin + '/sse')).status, 503)
})

t.test('a message may reach another node than the one that holds the stream', async t => {
  const storage = memoryStorage()
  const node = (): ReturnType<typeof start> => start(t, { prepare: async app => { await app.register(mcpStorage, { storage }) } })
  const [first, second] = [await node(), await node()]
  const { message, endpointData, close } = await open(first.origin + '/sse')
  const post = (body: object): Promise<Response> =>
    fetch(second.origin + endpointData, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  t.equal((await post(initialize())).status, 202)
  t.match(await message(), { id: 0, result: {} })
  t.equal((await post(request('ping', {}, 5))).status, 202)
  t.match(await message(), { id: 5, result: {} })
  await close()
  while ((await post(request('ping'))).status !== 404) await new Promise(resolve => setImmediate(resolve))
})

t.test('A-37: an answer for a node that lives and does not hear is refused, for a node that is gone it is dropped', async t => {
  const storage = memoryStorage()
  const { origin } = await start(t, { prepare: async app => { await app.register(mcpStorage, { storage }) } })
  const { post, ask } = await open(origin + '/sse')
  await ask(initialize())
  const response = { jsonrpc: '2.0', id: 'ffffffffffff.1', result: {} }
  t.equal((await post(response)).status, 202)
  await storage.nodes.beat('ffffffffffff', 60_000)
  const refused = await post(response)
  t.equal(refused.status, 503)
  t.ok(refused.headers.has('retry-after'))
})

t.test('a session whose messages this node could not hear is not opened', async t => {
  const storage = memoryStorage()
  const { bus } = storage
  const deaf: typeof bus = {
    publish: (channel, message) => bus.publish(channel, message),
    subscribe: (channel, listener) => channel.startsWith('inbox:') ? Promise.reject(new Error('no bus')) : bus.subscribe(channel, listener)
  }
  const partly = new Proxy(storage, { get: (target, key) => key === 'bus' ? deaf : Reflect.get(target, key) })
  const { origin } = await start(t, { prepare: async app => { await app.register(mcpStorage, { storage: partly }) } })
  t.equal((await fetch(origin + '/sse')).status, 500)
  t.equal(await storage.sessions.count(), 0)
})
