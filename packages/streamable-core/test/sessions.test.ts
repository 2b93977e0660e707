import t from 'tap'
import { isRequest, type ExchangeHandler, type Principal } from '@mcp/protocol'
import { mcpStorage, memoryStorage } from '@mcp/storage'
import Fastify, { type FastifyInstance } from 'fastify'
import { mcpStreamable } from '../src/index.ts'
import { answering, call, initializeRequest, LEGACY, readAnswer, readEvents, startApp, type Fields } from './helper.ts'
import { answer, get, listen, progress, puppet, remove, until } from './session-client.ts'

t.test('D-1, A-45: the id comes with the InitializeResult, and with nothing else', async t => {
  const { rpc } = await startApp(t)
  const opened = await rpc(initializeRequest())
  t.equal(opened.status, 200)
  t.equal(opened.message.result?.protocolVersion, LEGACY)
  const id = opened.headers.get('mcp-session-id') ?? ''
  t.not(id, '')
  const session = { 'mcp-session-id': id }
  t.equal((await rpc(call('ping'), session)).headers.get('mcp-session-id'), null)
  t.equal((await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)).headers.get('mcp-session-id'), null)
})

t.test('D-1: a streamed InitializeResult names the session in its headers too', async t => {
  const { open, rpc } = await startApp(t, { response: 'stream' })
  const response = await open(initializeRequest())
  t.equal(response.headers.get('content-type'), 'text/event-stream')
  const id = response.headers.get('mcp-session-id') ?? ''
  t.equal((await readEvents(response).rest()).at(-1)?.message.result?.protocolVersion, LEGACY)
  t.equal((await rpc(call('ping'), { 'mcp-session-id': id })).status, 200)
})

t.test('D-1: a failed initialize opens no session', async t => {
  const application: ExchangeHandler = async exchange => {
    if (isRequest(exchange.message)) await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32602, message: 'no' } })
  }
  const node = await startApp(t, { application })
  const refused = await node.rpc(initializeRequest())
  t.equal(refused.status, 200)
  t.equal(refused.message.error?.code, -32602)
  t.equal(refused.headers.get('mcp-session-id'), null)
  t.equal(await node.app.mcpStorage.sessions.count(), 0)
})

t.test('D-1: an initialize that fails after its stream began says so on the stream', async t => {
  const node = await startApp(t, {
    application: async exchange => {
      await progress(exchange, 1)
      if (isRequest(exchange.message)) await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32602, message: 'no' } })
    }
  })
  const { status, messages } = await node.rpc(initializeRequest())
  t.equal(status, 200)
  t.strictSame(messages.map(({ method, error }) => method ?? error?.code), ['notifications/progress', -32602])
  t.equal(await node.app.mcpStorage.sessions.count(), 0)
})

t.test('D-2: ids are visible ASCII, unique and long enough to guess in vain', async t => {
  const { initialize } = await startApp(t)
  const ids = new Set<string>()
  for (let n = 0; n < 50; n++) ids.add((await initialize())['mcp-session-id'] ?? '')
  t.equal(ids.size, 50)
  for (const id of ids) {
    t.match(id, /^[\x21-\x7e]+$/)
    t.ok(id.length * 6 >= 128)
  }
})

t.test('D-6, A-47, users row 1: without a session id everything but initialize → 400', async t => {
  const node = await startApp(t)
  const posted = await node.rpc(call('ping', {}, 'p'))
  t.equal(posted.status, 400)
  t.match(posted.message, { jsonrpc: '2.0', id: 'p', error: { code: -32600 } })
  t.equal((await node.rpc({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 400)
  t.equal((await get(node, {})).status, 400)
  t.equal((await remove(node, {})).status, 400)
})

t.test('D-3, D-7, users row 1: unknown, malformed and repeated ids → 404 without id for POST, GET and DELETE', async t => {
  const node = await startApp(t)
  const { 'mcp-session-id': live = '' } = await node.initialize()
  const ids = ['nobody', 'x'.repeat(32), 'x'.repeat(1000), 'with space', 'ü'.normalize(), 'caf\u00e9', `${live}, ${live}`, `${live},`, live.toUpperCase() + 'A']
  for (const id of ids) {
    const session = { 'mcp-session-id': id }
    for (const response of [await node.open(call('ping'), session), await get(node, session), await remove(node, session)]) {
      t.equal(response.status, 404, id.slice(0, 40))
      t.match(response.headers.get('content-type'), 'application/json')
      const body = await response.json()
      t.match(body, { jsonrpc: '2.0', error: { code: -32600, message: String } })
      t.notOk(Object.hasOwn(Object(body), 'id'))
    }
  }
  const repeated = await fetch(node.url, { method: 'DELETE', headers: [['mcp-session-id', live], ['mcp-session-id', live]] })
  t.equal(repeated.status, 404)
  t.equal((await node.rpc(call('ping'), { 'mcp-session-id': live })).status, 200)
})

t.test('D-4: the header is found however it is spelled', async t => {
  const { initialize, rpc } = await startApp(t)
  const { 'mcp-session-id': id = '' } = await initialize()
  for (const name of ['MCP-Session-Id', 'Mcp-Session-Id', 'MCP-SESSION-ID']) t.equal((await rpc(call('ping'), { [name]: id })).status, 200)
})

t.test('D-10, D-7, D-9, A-27: DELETE ends a session for good', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const standalone = await listen(node, session)
  const streamed = node.open(call('streamed'), session)
  const first = await requests.next()
  await progress(first, 1)
  const waiting = node.open(call('waiting', {}, 2), session)
  const second = await requests.next()
  const signals = [first.signal, second.signal]
  let closed = 0
  first.session?.onClose(() => { closed++ })

  const deleted = await remove(node, session)
  t.equal(deleted.status, 204)
  t.equal(await deleted.text(), '')
  t.strictSame(signals.map(({ aborted }) => aborted), [true, true], 'running requests are aborted')
  t.equal(closed, 1)
  t.strictSame((await standalone.rest()).filter(({ data }) => data !== ''), [])
  const events = (await readEvents(await streamed).rest()).filter(({ data }) => data !== '')
  t.strictSame(events.map(({ message }) => message.method), ['notifications/progress'])
  t.strictSame((await readEvents(await waiting).rest()).filter(({ data }) => data !== ''), [])
  await answer(first)
  for (const response of [await node.open(call('ping'), session), await get(node, session), await remove(node, session)]) {
    t.equal(response.status, 404)
  }
})

t.test('D-5, users row 2, client quirk VS Code: initialize with a stale id opens a new session, with a live one → 400', async t => {
  const node = await startApp(t)
  const live = await node.initialize()
  const stale = await node.rpc(initializeRequest(), { 'mcp-session-id': 'of-yesterday' })
  t.equal(stale.status, 200)
  const id = stale.headers.get('mcp-session-id')
  t.ok(id !== null && id !== 'of-yesterday')
  const again = await node.rpc(initializeRequest(LEGACY, {}, 'again'), live)
  t.equal(again.status, 400)
  t.match(again.message, { id: 'again', error: { code: -32600 } })
  t.equal((await node.rpc(call('ping'), live)).status, 200, 'which goes on')
})

t.test('A-47: a request before notifications/initialized is tolerated', async t => {
  const { rpc } = await startApp(t)
  const id = (await rpc(initializeRequest())).headers.get('mcp-session-id') ?? ''
  t.equal((await rpc(call('ping'), { 'mcp-session-id': id })).status, 200)
})

t.test('D-11, D-7, users row 5, client quirk LibreChat: an idle session ends; a busy one lives on', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { sessionIdleMs: 200 }, keepAliveMs: 20 })
  const [idle, watching, working] = [await node.initialize(), await node.initialize(), await node.initialize()]
  const reader = await listen(node, watching)
  const reply = node.rpc(call('work'), working)
  const exchange = await requests.next()
  let ended = false
  exchange.session?.onClose(() => { ended = true })
  const idleId = idle['mcp-session-id'] ?? ''
  // Nothing may touch it meanwhile, so it is the storage that is asked.
  await until(async () => await node.app.mcpStorage.sessions.read(idleId) === undefined)
  t.equal((await node.rpc(call('ping'), idle)).status, 404)
  const since = Date.now()
  await until(() => Date.now() - since > 400)
  t.notOk(ended)
  await answer(exchange, { done: true })
  t.strictSame((await reply).message.result, { done: true })
  t.equal((await node.rpc(call('ping'), watching)).status, 200)
  await reader.cancel()
  await until(async () => await node.app.mcpStorage.sessions.count() === 0)
  await until(() => ended)
  t.pass('all of them end at last')
})

t.test('D-11: a session ends with its lifetime, however busy', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application, limits: { sessionLifetimeMs: 300, sessionIdleMs: 200 } })
  const session = await node.initialize()
  const reader = await listen(node, session)
  const reply = node.open(call('work'), session)
  const { signal } = await requests.next()
  await reader.rest()
  await (await reply).body?.cancel()
  t.ok(signal.aborted)
  t.equal((await node.rpc(call('ping'), session)).status, 404)
})

function principal (request: { headers: Fields | NodeJS.Dict<string | string[]> }): Principal | null {
  const given = request.headers['x-caller']
  if (typeof given !== 'string') return null
  const [subject = '', token = ''] = given.split(':')
  return { kind: 'bearer', issuer: 'https://issuer.example', subject, scopes: [token], token, expiresAt: Number(token.length) }
}

/** Stands for the plugin that authenticates. */
function authenticated (app: FastifyInstance): void {
  app.decorateRequest('mcpPrincipal', null)
  app.addHook('onRequest', async request => { request.mcpPrincipal = principal(request) })
}

t.test('D-12, users row 5: over a cap → 503 or 429 with Retry-After, and nobody loses anything', async t => {
  const node = await startApp(t, { limits: { sessions: 4, sessionsPerPrincipal: 2 } }, {}, authenticated)
  const open = (caller?: string): Promise<Response> => node.open(initializeRequest(LEGACY, {}, 'x'), caller === undefined ? {} : { 'x-caller': caller })
  const first = await open('ann')
  t.equal((await open('ann')).status, 200)
  const third = await open('ann')
  t.equal(third.status, 429)
  t.match(third.headers.get('retry-after'), /^\d+$/)
  t.equal(third.headers.get('mcp-session-id'), null)
  t.match(await third.json(), { jsonrpc: '2.0', id: 'x', error: { code: -32600 } })
  t.equal((await open()).status, 200, 'callers without a name have no cap of their own')
  t.equal((await open()).status, 200)
  const fifth = await open('bob')
  t.equal(fifth.status, 503)
  t.match(fifth.headers.get('retry-after'), /^\d+$/)
  t.match(await fifth.json(), { jsonrpc: '2.0', id: 'x', error: { code: -32600 } })
  const session = { 'mcp-session-id': first.headers.get('mcp-session-id') ?? '', 'x-caller': 'ann' }
  t.equal((await node.rpc(call('ping'), session)).status, 200)
  await remove(node, session)
  t.equal((await open('bob')).status, 200, 'there is room again')
})

t.test('D-12: anonymous sessions are bound by the total alone', async t => {
  const node = await startApp(t, { limits: { sessionsPerPrincipal: 1 } })
  for (let n = 0; n < 5; n++) t.equal((await node.rpc(initializeRequest())).status, 200)
})

t.test('D-12: a cap that is met while initialize already streams ends that stream with an error', async t => {
  const plain = answering()
  const application: ExchangeHandler = async exchange => {
    await progress(exchange, 1)
    return plain(exchange)
  }
  const node = await startApp(t, { application, limits: { sessionsPerPrincipal: 1 } }, {}, authenticated)
  await node.rpc(initializeRequest(), { 'x-caller': 'ann' })
  const { messages } = await node.rpc(initializeRequest(), { 'x-caller': 'ann' })
  t.strictSame(messages.map(({ method, error }) => method ?? error?.code), ['notifications/progress', -32600])
})

t.test('D-13, D-14, D-16, C-25, H-23: a foreign session looks exactly like an unknown one', async t => {
  const node = await startApp(t, {}, {}, authenticated)
  const opened = await node.open(initializeRequest(), { 'x-caller': 'ann' })
  const owned = opened.headers.get('mcp-session-id') ?? ''
  const shapes = async (id: string, caller: Fields): Promise<unknown[]> => {
    const session = { 'mcp-session-id': id, ...caller }
    const responses = [
      await node.open(call('ping'), session), await node.open({ jsonrpc: '2.0', method: 'notifications/initialized' }, session),
      await get(node, session), await get(node, session, { 'last-event-id': 'standalone_0' }), await remove(node, session)
    ]
    return Promise.all(responses.map(async response => {
      const headers = [...response.headers].filter(([name]) => name !== 'date')
      return { status: response.status, headers, body: await response.text() }
    }))
  }
  for (const caller of [{ 'x-caller': 'bob' }, {}] as Fields[]) {
    t.strictSame(await shapes(owned, caller), await shapes('nobody', caller))
    const again = await node.rpc(initializeRequest(), { 'mcp-session-id': owned, ...caller })
    t.equal(again.status, 200, 'nor does initialize tell')
  }
  t.equal((await node.rpc(call('ping'), { 'mcp-session-id': owned, 'x-caller': 'ann' })).status, 200)

  const anonymous = (await node.open(initializeRequest())).headers.get('mcp-session-id') ?? ''
  t.equal((await node.rpc(call('ping'), { 'mcp-session-id': anonymous, 'x-caller': 'ann' })).status, 404, 'no upgrade by a later credential')
})

t.test('D-17: with a credential an unknown session is 404; without one, where it is asked for, 401 comes first', async t => {
  const node = await startApp(t, {}, {}, app => {
    authenticated(app)
    app.addHook('onRequest', async (request, reply) => {
      if (request.mcpPrincipal === null) return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' })
    })
  })
  const nobody = { 'mcp-session-id': 'nobody' }
  for (const [headers, status] of [[nobody, 401], [{ ...nobody, 'x-caller': 'ann' }, 404]] as const) {
    for (const response of [await node.open(call('ping'), headers), await get(node, headers), await remove(node, headers)]) {
      t.equal(response.status, status)
      t.equal(response.headers.has('www-authenticate'), status === 401)
    }
  }
})

t.test('D-15: a refreshed token keeps the session', async t => {
  const node = await startApp(t, {}, {}, authenticated)
  const opened = await node.open(initializeRequest(), { 'x-caller': 'ann:first' })
  const id = opened.headers.get('mcp-session-id') ?? ''
  t.equal((await node.rpc(call('ping'), { 'mcp-session-id': id, 'x-caller': 'ann:second-longer' })).status, 200)
})

for (const shared of [false, true]) {
  t.test(`D-20, users row 4: two endpoints ${shared ? 'on one storage ' : ''}do not know each other's sessions`, async t => {
    const app = Fastify()
    t.teardown(() => app.close())
    if (shared) await app.register(mcpStorage, { storage: memoryStorage() })
    for (const prefix of ['/a', '/b']) {
      await app.register(async scope => {
        await scope.register(mcpStreamable, { application: answering({ who: () => ({ prefix }) }) })
      }, { prefix })
    }
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const post = async (path: string, body: unknown, headers: Fields = {}): ReturnType<typeof readAnswer> => {
      const fields = { 'content-type': 'application/json', ...headers }
      return readAnswer(await fetch(url + path, { method: 'POST', headers: fields, body: JSON.stringify(body) }))
    }
    const id = (await post('/a/mcp', initializeRequest())).headers.get('mcp-session-id') ?? ''
    const session = { 'mcp-session-id': id }
    t.strictSame((await post('/a/mcp', call('who'), session)).message.result, { prefix: '/a' })
    t.equal((await post('/b/mcp', call('who'), session)).status, 404)
    t.equal((await fetch(url + '/b/mcp', { method: 'DELETE', headers: session })).status, 404)
    t.equal((await post('/a/mcp', call('who'), session)).status, 200)
  })
}
