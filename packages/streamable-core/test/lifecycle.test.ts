import { REVISIONS, type Exchange, type ExchangeHandler, type JsonObject } from '@mcp/protocol'
import t from 'tap'
import { answering, call, initializeRequest, LEGACY, MODERN, modern, startApp } from './helper.ts'

const LEGACIES = REVISIONS.filter(revision => revision !== MODERN)

for (const version of LEGACIES) {
  t.test(`A-45, A-48, A-51, B-9: ${version} is negotiated, and counts for the whole session`, async t => {
    const seen: Exchange[] = []
    const inner = answering()
    const { rpc, initialize } = await startApp(t, { application: exchange => { seen.push(exchange); return inner(exchange) } })
    const opened = await rpc(initializeRequest(version, { roots: {} }))
    t.equal(opened.status, 200)
    t.equal(opened.message.result?.protocolVersion, version)
    t.match(opened.headers.get('mcp-session-id'), /^[\x21-\x7e]+$/)
    const session = await initialize(version)
    await rpc(call('ping'), session)
    t.equal(seen.at(-1)?.revision, version)
    t.match(seen.at(-1)?.session, { revision: version, handshake: { protocolVersion: version, clientInfo: { name: 'test' } } })
    t.equal(seen.at(0)?.revision, version, 'initialize itself is an exchange of that revision')
  })
}

t.test('A-48, A-50: a version nobody knows is answered with the latest legacy one, never with a modern one', async t => {
  const { rpc } = await startApp(t)
  for (const version of ['2020-01-01', 'v999', MODERN, '2099-01-01', '']) {
    const answer = await rpc(initializeRequest(version))
    t.equal(answer.status, 200, version)
    t.equal(answer.message.result?.protocolVersion, LEGACY)
    t.not(answer.headers.get('mcp-session-id'), null)
  }
})

t.test('A-48: an endpoint offers only what it serves itself', async t => {
  const seen: Exchange[] = []
  const inner = answering()
  const { rpc } = await startApp(t, { revisions: ['2025-03-26', '2025-06-18'], application: exchange => { seen.push(exchange); return inner(exchange) } })
  await rpc(initializeRequest(LEGACY))
  t.equal(seen.at(-1)?.revision, '2025-06-18')
  await rpc(initializeRequest('2025-03-26'))
  t.equal(seen.at(-1)?.revision, '2025-03-26')
})

t.test('A-47: without session a request is 400, before initialized it is served', async t => {
  const { rpc } = await startApp(t)
  const lost = await rpc(call('tools/list', {}, 'a'))
  t.equal(lost.status, 400)
  t.match(lost.message, { id: 'a', error: { code: -32600, message: /Mcp-Session-Id/ } })
  const opened = await rpc(initializeRequest())
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
  t.equal((await rpc(call('ping'), session)).status, 200)
})

t.test('A-53, B-27: without sessions and header it is 2025-03-26, with a header that version', async t => {
  const seen: unknown[] = []
  const inner = answering()
  const { rpc } = await startApp(t, { sessions: false, application: exchange => { seen.push(exchange.revision); return inner(exchange) } })
  t.equal((await rpc(call('ping'))).status, 200)
  for (const version of LEGACIES) t.equal((await rpc(call('ping'), { 'mcp-protocol-version': version })).status, 200, version)
  t.strictSame(seen, ['2025-03-26', ...LEGACIES])
  const opened = await rpc(initializeRequest('2025-06-18'))
  t.equal(opened.headers.get('mcp-session-id'), null)
  t.equal(seen.at(-1), '2025-06-18')
})

t.test('A-54: a version header that is invalid or not served is 400 and lists what is', async t => {
  const { rpc, url, initialize } = await startApp(t)
  const session = await initialize()
  for (const version of ['1999-01-01', '2025-06-19', '', '2025-06-18, 2025-11-25']) {
    const headers = { ...session, 'mcp-protocol-version': version }
    const posted = await rpc(call('ping', {}, 'x'), headers)
    t.equal(posted.status, 400, `POST ${version}`)
    t.match(posted.message, { id: 'x', error: { code: -32600, message: /2025-11-25/ } })
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(url, { method, headers: { ...headers, accept: 'text/event-stream' } })
      t.equal(response.status, 400, `${method} ${version}`)
      await response.body?.cancel()
    }
  }
  t.equal((await rpc(call('ping'), session)).status, 200, 'the session lives on')
})

t.test('A-54: initialize is not measured by the header', async t => {
  const { rpc } = await startApp(t)
  for (const version of ['2025-06-18', '2024-11-05', '1999-01-01', '']) {
    const answer = await rpc(initializeRequest(), { 'mcp-protocol-version': version })
    t.equal(answer.status, 200, version)
    t.equal(answer.message.result?.protocolVersion, LEGACY)
  }
})

t.test('A-55: a served header that differs from the session is served by the session, and logged', async t => {
  const seen: unknown[] = []
  const inner = answering()
  const { rpc, initialize, logs } = await startApp(t, { application: exchange => { seen.push(exchange.revision); return inner(exchange) } })
  const session = await initialize('2025-06-18')
  const answer = await rpc(call('ping'), { ...session, 'mcp-protocol-version': '2025-11-25' })
  t.equal(answer.status, 200)
  t.equal(seen.at(-1), '2025-06-18')
  const line = logs.find(({ negotiated }) => negotiated === '2025-06-18')
  t.match(line, { named: '2025-11-25' })
  t.notMatch(JSON.stringify(line), session['mcp-session-id'] ?? '')
})

t.test('D-18: no log line and no URL has a whole session id', async t => {
  const { rpc, url, logs, initialize } = await startApp(t)
  const session = await initialize()
  const id = session['mcp-session-id'] ?? ''
  await rpc(call('ping'), session)
  await rpc(call('ping'), { ...session, 'mcp-protocol-version': '2025-06-18' })
  await rpc(initializeRequest(), session)
  await rpc('{', session)
  t.equal((await fetch(url, { method: 'DELETE', headers: session })).status, 204)
  await rpc(call('ping'), session)
  t.ok(logs.some(line => line.session === `${id.slice(0, 6)}…`), 'enough to tell sessions apart')
  t.notOk(JSON.stringify(logs).includes(id))
})

t.test('A-61: what is kept of a session stays in that session', async t => {
  const application = answering({
    'logging/setLevel': async ({ message, session }) => {
      await session?.setState({ level: message.params?.level })
      return {}
    },
    'test/level': ({ session }): JsonObject => ({ level: session?.state.level ?? null })
  })
  const { rpc, initialize } = await startApp(t, { application })
  const [one, other] = [await initialize(), await initialize()]
  await rpc(call('logging/setLevel', { level: 'error' }), one)
  t.equal((await rpc(call('test/level'), one)).message.result?.level, 'error')
  t.equal((await rpc(call('test/level'), other)).message.result?.level, null)
})

t.test('B-23, B-30, B-28: both eras side by side on one connection, remembered by nobody', async t => {
  const seen: Array<[unknown, boolean]> = []
  const inner = answering()
  const application: ExchangeHandler = exchange => {
    seen.push([exchange.revision, exchange.session !== null])
    return inner(exchange)
  }
  const { rpc, initialize } = await startApp(t, { application })
  const session = await initialize()
  seen.length = 0
  for (let round = 0; round < 3; round++) {
    t.equal((await rpc(call('ping'), session)).status, 200)
    t.equal((await rpc(...modern('server/discover'))).status, 200)
    const both = await rpc(...modern('server/discover', {}, { 'mcp-session-id': session['mcp-session-id'] ?? '' }))
    t.equal(both.status, 200)
    t.equal(both.headers.get('mcp-session-id'), null)
    t.equal((await rpc(call('ping'))).status, 400, 'a legacy request still needs its session')
  }
  t.strictSame(seen, Array.from({ length: 3 }, () => [[LEGACY, true], [MODERN, false], [MODERN, false]]).flat())
})
