/** What plugins beside the endpoint decide: who calls, and whether a message may run. */
import { ErrorCode, type Authentication, type AuthGate, type MessageGate, type Principal, type Refusal, type RequestHead } from '@mcp/protocol'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { mcpStreamable } from '../src/index.ts'
import { answering, call, initializeRequest, modern, rawConnection, rawRequest, startApp } from './helper.ts'

const ALICE: Principal = { kind: 'test', issuer: 'https://issuer.example', subject: 'alice', scopes: ['read'] }

function refusal (status: number, message: string, headers: Record<string, string> = {}): Refusal {
  return { kind: 'refused', rung: 'auth', status, id: undefined, code: ErrorCode.InvalidRequest, message, headers }
}

function authenticating (authenticate: AuthGate['authenticate']): (app: FastifyInstance) => void {
  return app => { app.decorate('mcpAuth', { authenticate }) }
}

function gated (...gates: MessageGate[]): (app: FastifyInstance) => void {
  return app => { app.decorate('mcpGates', gates) }
}

const whoAmI = answering({ 'tools/call': ({ principal }) => ({ content: [], subject: principal?.subject ?? null }) })

t.test('G-2, G-4: every method is authenticated, and a refusal keeps its fields', async t => {
  const heads: RequestHead[] = []
  const { url, rpc, logs } = await startApp(t, { application: whoAmI }, {}, authenticating(head => {
    heads.push(head)
    return head.headers.authorization === 'Bearer good'
      ? { kind: 'principal', principal: ALICE }
      : refusal(401, 'A credential is missing', { 'www-authenticate': 'Bearer realm="test"' })
  }))
  for (const method of ['POST', 'GET', 'DELETE']) {
    const response = await fetch(url + '?x=1', { method, headers: { 'content-type': 'application/json' }, ...(method === 'POST' && { body: '{' }) })
    t.equal(response.status, 401, method)
    t.equal(response.headers.get('www-authenticate'), 'Bearer realm="test"')
    t.match(await response.json(), { error: { code: ErrorCode.InvalidRequest, message: 'A credential is missing' } })
  }
  t.match(heads[0], { method: 'POST', address: '127.0.0.1' })
  t.match(heads[0]?.url, /^http:\/\/127\.0\.0\.1:\d+\/mcp\?x=1$/)
  t.ok(heads[0]?.rawHeaders.includes('content-type'))
  t.ok(logs.some(line => line.rung === 'auth' && line.reason === 'A credential is missing'))

  const good = { authorization: 'Bearer good' }
  const opened = await rpc(initializeRequest(), good)
  const session = { ...good, 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' }
  t.match((await rpc(call('tools/call', { name: 'x' }), session)).message, { result: { subject: 'alice' } })
  t.match((await rpc(...modern('tools/call', { name: 'x' }, good))).message, { result: { subject: 'alice' } })
})

t.test('G-4: the answer does not wait for the body', async t => {
  const { port } = await startApp(t, {}, {}, authenticating(async () => refusal(401, 'no')))
  const head = rawRequest('POST', ['Content-Type: application/json', 'Content-Length: 1000'])
  const { until } = await rawConnection(t, port, head)
  t.match(await until(text => text.includes('\r\n\r\n')), /^HTTP\/1\.1 401 /)
})

t.test('B-1: hosts and origins come before credentials', async t => {
  let asked = 0
  const { url } = await startApp(t, {}, {}, authenticating(() => {
    asked++
    return refusal(401, 'no')
  }))
  t.equal((await fetch(url, { method: 'POST', headers: { origin: 'https://evil.example' } })).status, 403)
  t.equal(asked, 0)
})

t.test('D-14: a session of one principal is unknown to another', async t => {
  const { rpc } = await startApp(t, { application: whoAmI }, {}, authenticating(({ headers }): Authentication =>
    ({ kind: 'principal', principal: { ...ALICE, subject: String(headers.authorization) } })))
  const opened = await rpc(initializeRequest(), { authorization: 'alice' })
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
  t.equal((await rpc(call('ping'), { ...session, authorization: 'bob' })).status, 404)
  t.equal((await rpc(call('ping'), { ...session, authorization: 'alice' })).status, 200)
})

t.test('G-19: a gate that fails answers 500 and runs nothing', async t => {
  let ran = 0
  const application = answering({ 'tools/call': () => { ran++; return {} } })
  const failing = [
    authenticating(async () => { throw new Error('secret detail') }), authenticating(() => { throw new Error('secret detail') }),
    gated({ judge: async () => { throw new Error('secret detail') } }), gated({ judge: () => { throw new Error('secret detail') } })
  ]
  for (const prepare of failing) {
    const { rpc } = await startApp(t, { application }, {}, prepare)
    const { status, text } = await rpc(...modern('tools/call', { name: 'x' }))
    t.equal(status, 500)
    t.notMatch(text, /secret/)
  }
  t.equal(ran, 0)
})

t.test('G-8: messages are judged before anything of them runs', async t => {
  const asked: string[] = []
  let ran = 0
  const application = answering({ 'tools/call': () => { ran++; return { content: [] } } })
  const first: MessageGate = { judge: ({ method }) => { asked.push('1 ' + method); return null } }
  const second: MessageGate = {
    judge: async ({ method, params }, { principal, head }) => {
      asked.push(`2 ${method} ${principal} ${head.method}`)
      return params?.name === 'admin' ? refusal(403, 'insufficient scope', { 'www-authenticate': 'Bearer scope="admin"' }) : null
    }
  }
  const third: MessageGate = { judge: ({ params }) => params?.name === 'slow' ? refusal(429, 'too many', { 'retry-after': '7' }) : null }
  const { rpc, initialize } = await startApp(t, { application }, {}, gated(first, second, third))
  const session = await initialize('2025-03-26')

  const denied = await rpc(call('tools/call', { name: 'admin' }, 9), session)
  t.equal(denied.status, 403)
  t.equal(denied.headers.get('www-authenticate'), 'Bearer scope="admin"')
  t.match(denied.message, { id: 9, error: { message: 'insufficient scope' } })
  t.equal((await rpc(...modern('tools/call', { name: 'admin' }))).status, 403)

  const limited = await rpc(call('tools/call', { name: 'slow' }), session)
  t.equal(limited.status, 429)
  t.equal(limited.headers.get('retry-after'), '7', 'the gate knows better than we do')

  asked.length = 0
  const batch = await rpc([call('tools/call', { name: 'x' }, 1), { jsonrpc: '2.0', method: 'notifications/x' }, call('tools/call', { name: 'admin' }, 2)], session)
  t.equal(batch.status, 403)
  t.strictSame(batch.message.id, undefined)
  t.strictSame(asked, [
    '1 tools/call', '2 tools/call null POST', '1 notifications/x', '2 notifications/x null POST', '1 tools/call', '2 tools/call null POST'
  ])
  t.equal(ran, 0)
  t.equal((await rpc(call('tools/call', { name: 'x' }), session)).status, 200)
  t.equal(ran, 1)
})

t.test('a gate registered after the endpoint counts, one of a scope inside does not', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: answering() })
  await app.register(async child => { child.decorate('mcpGates', [{ judge: () => refusal(403, 'not yours') }]) })
  app.decorate('mcpGates', [{ judge: ({ method }) => method === 'ping' ? refusal(429, 'late') : null }])
  const ask = (message: object): Promise<{ statusCode: number }> => app.inject({ method: 'POST', url: '/mcp', payload: message })
  t.equal((await ask(initializeRequest())).statusCode, 200)
  t.equal((await ask(call('ping'))).statusCode, 429)
})

t.test('G-8: an application may find that scopes are missing, as long as nothing was sent', async t => {
  const application = answering({
    'tools/call': async exchange => {
      const progress = { jsonrpc: '2.0' as const, method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }
      if (exchange.message.params?.name === 'late') await exchange.send(progress)
      return exchange.challenge?.(['write']) === true ? undefined : { content: [], challenged: false }
    }
  })
  const authenticate = (): Authentication => ({ kind: 'principal', principal: ALICE })
  const lacking = (scopes: readonly string[]): Refusal => refusal(403, 'lacking', { 'www-authenticate': `Bearer scope="${scopes.join(' ')}"` })
  const { rpc, initialize } = await startApp(t, { application }, {}, app => { app.decorate('mcpAuth', { authenticate, lacking }) })
  const session = await initialize('2025-03-26')
  for (const answer of [await rpc(call('tools/call', { name: 'x' }, 3), session), await rpc(...modern('tools/call', { name: 'x' }, {}, 3))]) {
    t.equal(answer.status, 403)
    t.equal(answer.headers.get('www-authenticate'), 'Bearer scope="write"')
    t.match(answer.message, { id: 3, error: { message: 'lacking' } })
  }
  t.match((await rpc(call('tools/call', { name: 'late' }), session)).message.result, { challenged: false })
  t.match((await rpc([call('tools/call', { name: 'x' }), call('ping', {}, 2)], session)).messages, [{ result: { challenged: false } }, { result: {} }])

  const { rpc: anonymous } = await startApp(t, { application })
  t.match((await anonymous(...modern('tools/call', { name: 'x' }))).message.result, { challenged: false })
})
