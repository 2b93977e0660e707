import type { McpApplication } from '@mcp/protocol'
import Fastify, { type LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { mcpSessions } from '@mcp/session'
import { mcpSse } from '@mcp/sse'
import { mcpStorage } from '@mcp/storage'
import { mcpStreamable, type McpStreamableOptions } from '../src/index.ts'
import { answering, call, initializeRequest, MODERN, modern, startApp } from './helper.ts'

const application = answering()

/** What a registration with these options ends with. */
async function register (options: unknown): Promise<unknown> {
  const app = Fastify()
  try {
    await app.register(mcpStreamable, options as McpStreamableOptions)
    return undefined
  } catch (error) {
    return error
  } finally {
    await app.close()
  }
}

const bad: ReadonlyArray<readonly [unknown, RegExp]> = [
  [{}, /application.*\(exchange\) => …/],
  [{ application: {} }, /application/],
  [{ application: { accept () {} } }, /application/],
  [{ application: { accept () {}, revisions: [] } }, /application/],
  [{ application: { accept () {}, revisions: ['2020-01-01'] } }, /application/],
  [{ application, path: 'mcp' }, /path.*starts with "\/"/],
  [{ application, path: 5 }, /path/],
  [{ application, revisions: ['v1'] }, /revisions.*2026-07-28/],
  [{ application, revisions: ['2025-06-18', '2025-06-19'] }, /"revisions" has "2025-06-19", which is not a revision; write one of 2024-11-05, /],
  [{ application, revisions: '2025-06-18' }, /"revisions" must be a list of 2024-11-05,.*got "2025-06-18"/],
  [{ application: { accept () {}, revisions: ['2025-06-19'] } }, /"application" .*has "2025-06-19", which is not a revision/],
  [{ application, revisions: [] }, /revisions/],
  [{ application: { accept () {}, revisions: ['2025-06-18'] }, revisions: [MODERN] }, /revisions/],
  [{ application, sessions: 'on' }, /sessions/],
  [{ application, response: 'sse' }, /response/],
  [{ application, strictAccept: 1 }, /strictAccept/],
  [{ application, allowedHosts: 'localhost' }, /allowedHosts.*list of host names/],
  [{ application, allowedHosts: [''] }, /allowedHosts/],
  [{ application, allowedOrigins: [5] }, /allowedOrigins.*list of origins.*got \[5\]/],
  ...[
    ['localhost:3000', /"allowedOrigins" has "localhost:3000", which is not an origin that a browser sends; write "http:\/\/localhost:3000"/],
    ['app.example.com', /write "https:\/\/app.example.com"/], ['https://app.example.com/', /write "https:\/\/app.example.com"/],
    ['https://app.example.com/mcp?x', /write "https:\/\/app.example.com"/], ['https://app.example.com:443', /write "https:\/\/app.example.com"/],
    ['http://localhost:80', /write "http:\/\/localhost"/], ['//app.example.com', /write "https:\/\/app.example.com"/], ['https:app', /write an origin such as/],
    ['https://*.example.com', /write a function/], ['null', /write a function/], ['two words', /write an origin such as/]
  ].map(([origin, says]) => [{ application, allowedOrigins: ['https://fine.example', origin] }, says] as [unknown, RegExp]),
  ...[
    ['http://localhost:3000', /"allowedHosts" has "http:\/\/localhost:3000", which is not a host name; write "localhost:3000"/],
    ['example.com/mcp', /write "example.com"/], ['*.example.com:8080', /write/], ['*example.com', /write a name/], ['two words', /write a name/]
  ].map(([host, says]) => [{ application, allowedHosts: ['localhost', host] }, says] as [unknown, RegExp]),
  [{ application, authorizeResource: true }, /authorizeResource.*\(principal, uri\)/],
  [{ application, keepAliveMs: 0 }, /keepAliveMs/],
  [{ application, keepAliveMs: 3_600_000 }, /keepAliveMs/],
  [{ application, retryMs: -1 }, /retryMs/],
  [{ application, retryMs: 1.5 }, /retryMs/],
  [{ application, closeTimeoutMs: '5s' }, /closeTimeoutMs/],
  [{ application, limits: 5 }, /limits/],
  [{ application, limits: { bodyBytes: 0 } }, /limits\.bodyBytes|bodyBytes/],
  [{ application, limits: { batchLength: '50' } }, /batchLength/],
  [{ application, limits: { jsonDepth: 1 } }, /jsonDepth/],
  [{ application, limits: { streams: 1 } }, /streams/],
  [{ application, applicaton: 1 }, /applicaton/]
]

for (const [options, says] of bad) {
  t.test(`a bad option is refused at registration, by name and with what is expected: ${says.source}`, async t => {
    const error = await register(options)
    t.match(error, { code: 'MCP_ENDPOINT_BAD_OPTION', message: says })
    t.ok(error instanceof TypeError)
  })
}

t.test('good options are taken, and what is left out has its default', async t => {
  t.equal(await register({ application }), undefined)
  t.equal(await register({ application, path: '/', revisions: [MODERN], limits: {}, allowedHosts: undefined }), undefined)
  const limits = Object.freeze({ bodyBytes: 10_000 })
  t.equal(await register(Object.freeze({ application, limits })), undefined, 'the caller\'s object stays untouched')
})

t.test('every form of host and origin that matches something is taken', async t => {
  const allowedHosts = ['*', '*.example.com', 'example.com', 'EXAMPLE.com:8080', 'localhost', '127.0.0.1:3000', '[::1]', '[::1]:3000', 'münchen.example']
  const allowedOrigins = ['*', 'https://app.example.com', 'HTTPS://App.example.com', 'http://localhost:3000', 'http://[::1]:3000', 'vscode-webview://*',
    'vscode-webview://abc', 'moz-extension://1f-2']
  t.equal(await register({ application, allowedHosts, allowedOrigins }), undefined)
})

t.test('an option that another plugin has already decided is rejected: it would do nothing', async t => {
  const before = async (plugin: 'storage' | 'sse' | 'sessions', options: object, nested = false): Promise<unknown> => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(mcpStorage)
    if (plugin === 'sse') await app.register(mcpSse, { keepAliveMs: 1_000 })
    if (plugin === 'sessions') await app.register(mcpSessions)
    try {
      if (nested) await app.register(async scope => { await scope.register(mcpStreamable, { application, ...options }) })
      else await app.register(mcpStreamable, { application, ...options })
      return undefined
    } catch (error) {
      return error
    }
  }
  const code = 'MCP_ENDPOINT_BAD_OPTION'
  for (const [plugin, limits, instead] of [
    ['storage', { eventsPerSession: 5 }, 'events.maxEvents of the storage'], ['storage', { eventBytesPerSession: 5 }, 'events.maxBytes of the storage'],
    ['storage', { eventAgeMs: 50 }, 'events.maxAgeMs of the storage'], ['sse', { stallMs: 50 }, 'stallMs of mcpSse'],
    ['sse', { unsentBytes: 5000 }, 'maxUnsentBytes of mcpSse'], ['sessions', { sessionIdleMs: 500 }, 'idleMs of mcpSessions'],
    ['sessions', { sessionLifetimeMs: 500 }, 'lifetimeMs of mcpSessions'], ['sessions', { sessions: 5 }, 'maxSessions of mcpSessions'],
    ['sessions', { sessionsPerPrincipal: 5 }, 'maxSessionsPerPrincipal of mcpSessions']
  ] as const) {
    const [[name, value] = []] = Object.entries(limits)
    const message = `mcpStreamable: option "limits.${name}" (${value}) has no effect, because ` +
      `mcp${plugin.charAt(0).toUpperCase()}${plugin.slice(1)} is already registered in this scope; set ${instead} instead`
    t.match(await before(plugin, { limits }), { code, message })
    t.match(await before(plugin, { limits }, true), { code, message }, 'also where a scope around it has the plugin')
  }
  t.match(await before('sse', { keepAliveMs: 2_000 }), { code, message: /"keepAliveMs" \(2000\) has no effect, because mcpSse is already/ })
  t.equal(await before('sse', { keepAliveMs: 1_000 }), undefined, 'the same value is fine')
  t.equal(await before('storage', { limits: { sessions: 5, bodyBytes: 500, eventsPerSession: undefined }, keepAliveMs: 50 }), undefined, 'the others work')
})

t.test('C-3, C-33: the endpoint keeps time with the mcpSse that was there first', async t => {
  const { rpc } = await startApp(t, {
    application: answering({ 'test/slow': async () => { await new Promise(resolve => setTimeout(resolve, 100)); return {} } })
  }, {}, app => app.register(mcpSse, { keepAliveMs: 30 }))
  t.equal((await rpc(...modern('test/slow'))).headers.get('content-type'), 'text/event-stream', 'silent for longer than its interval')
})

t.test('a second registration in one scope is an error; two scopes are two endpoints', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application })
  await t.rejects(async () => { await app.register(mcpStreamable, { application, path: '/other' }) }, { code: 'MCP_ENDPOINT_ALREADY_REGISTERED' })

  const two = Fastify()
  t.teardown(() => two.close())
  for (const name of ['one', 'two']) {
    await two.register(async scope => {
      await scope.register(mcpStreamable, { application: answering({ 'test/who': () => ({ name }) }), sessions: name === 'one' })
      t.equal(scope.mcp.revisions.length, 5)
    }, { prefix: `/${name}` })
  }
  const ask = async (name: string): Promise<unknown> => {
    const [payload, headers] = modern('test/who')
    const reply = await two.inject({ method: 'POST', url: `/${name}/mcp`, payload, headers: { ...headers, host: 'localhost' } })
    return reply.json().result.name
  }
  t.equal(await ask('one'), 'one')
  t.equal(await ask('two'), 'two')
  t.equal((await two.inject({ method: 'GET', url: '/two/mcp', headers: { host: 'localhost' } })).statusCode, 405, 'each with its own policy')
  t.equal((await two.inject({ method: 'GET', url: '/one/mcp', headers: { host: 'localhost' } })).statusCode, 400)
})

t.test('D-1: sessions of one endpoint are unknown to the other', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const prefix of ['/one', '/two']) await app.register(async scope => { await scope.register(mcpStreamable, { application }) }, { prefix })
  const post = (url: string, payload: object, headers = {}): Promise<LightMyRequestResponse> => {
    return app.inject({ method: 'POST', url, payload, headers: { host: 'localhost', ...headers } })
  }
  const opened = await post('/one/mcp', initializeRequest())
  const session = { 'mcp-session-id': opened.headers['mcp-session-id'] }
  t.equal((await post('/one/mcp', call('ping'), session)).statusCode, 200)
  t.equal((await post('/two/mcp', call('ping'), session)).statusCode, 404)
})

t.test('path, prefix and the root are where they say', async t => {
  for (const options of [{ path: '/' }, { path: '/a/b' }, { prefix: '/v1' }, { prefix: '/v1', path: '/x' }]) {
    const { rpc } = await startApp(t, options)
    t.equal((await rpc(...modern('server/discover'))).status, 200, JSON.stringify(options))
  }
})

t.test('the routes around the endpoint keep their own parser and error handler', async t => {
  const { app } = await startApp(t, {}, {}, instance => {
    instance.post('/plain', async request => ({ got: request.body }))
    instance.get('/broken', async () => { throw new Error('as Fastify says it') })
  })
  t.strictSame((await app.inject({ method: 'POST', url: '/plain', payload: { a: 1 } })).json(), { got: { a: 1 } })
  t.match((await app.inject({ method: 'GET', url: '/broken' })).json(), { message: 'as Fastify says it' })
})

t.test('A-51, B-31: revisions served are those both sides know', async t => {
  const legacyOnly: McpApplication = { revisions: ['2025-06-18', '2025-03-26'], accept: application }
  const { app, rpc } = await startApp(t, { application: legacyOnly })
  t.strictSame(app.mcp.revisions, ['2025-03-26', '2025-06-18'])
  t.equal((await rpc(...modern('server/discover'))).message.error?.code, -32022)
})

t.test('A-30, C-33: the form of replies can be forced', async t => {
  const talkative = answering({
    'test/talk': async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      return {}
    }
  })
  const json = await startApp(t, { application: talkative, response: 'json' })
  t.match((await json.rpc(...modern('test/talk'))).headers.get('content-type'), /^application\/json/)
  const stream = await startApp(t, { application: talkative, response: 'stream' })
  t.equal((await stream.rpc(...modern('server/discover'))).headers.get('content-type'), 'text/event-stream')
  t.match((await stream.rpc(...modern('server/discover', {}, { accept: 'application/json' }))).headers.get('content-type'), /^application\/json/, 'where the client takes it')
})

t.test('the application is closed with the server, once', async t => {
  let closed = 0
  const { app } = await startApp(t, { application: { revisions: [MODERN], accept: application, close: async () => { closed++ } } })
  await app.close()
  t.equal(closed, 1)
})
