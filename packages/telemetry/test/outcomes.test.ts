import t from 'tap'
import { call, LEGACY, modern, MODERN, startApp, tool, until } from './helper.ts'

const count = (method: string, more: string): string =>
  `mcp_server_operation_duration_seconds_count{network_transport="tcp",mcp_method_name="${method}",${more}}`
const called = (name: string, revision: string, error = ''): string => {
  const failed = error === '' ? '' : `,error_type="${error}"`
  return count('tools/call', `mcp_protocol_version="${revision}",gen_ai_tool_name="${name}",gen_ai_operation_name="execute_tool"${failed}`)
}

t.test('every end of a request has its outcome and its error type', async t => {
  const { rpc, open, post, held, snapshot, scrape } = await startApp(t)
  const session = await open()
  await rpc(call('tools/list'), session)
  for (const name of ['echo', 'stumble', 'fail', 'crash']) await rpc(tool(name), session)

  const cancelled = post(tool('hold', 'c'), session)
  await until(() => held.length === 1)
  t.equal(snapshot().requests.inFlight, 1)
  await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c' } }, session)
  await (await cancelled).text()

  const gone = new AbortController()
  const lost = post(...modern('tools/call', { name: 'hold' }), gone.signal).catch(() => {})
  await until(() => held.length === 2)
  gone.abort()
  await lost
  await until(() => snapshot().requests.inFlight === 0)

  t.strictSame(snapshot().requests, {
    total: 8,
    inFlight: 0,
    byOutcome: { ok: 3, tool_error: 1, error: 2, cancelled: 1, lost: 1, refused: 0 },
    byMethod: { initialize: 1, 'tools/list': 1, 'tools/call': 6 }
  })
  const samples = await scrape()
  const expected = [
    called('echo', LEGACY), called('stumble', LEGACY, 'tool_error'), called('fail', LEGACY, '-32602'), called('crash', LEGACY, '-32603'),
    called('hold', LEGACY, 'cancelled'), called('hold', MODERN, 'disconnected'),
    count('initialize', `mcp_protocol_version="${LEGACY}"`), count('tools/list', `mcp_protocol_version="${LEGACY}"`)
  ]
  for (const series of expected) t.equal(samples.get(series), 1, series)
  t.equal([...samples.keys()].filter(key => key.startsWith('mcp_server_operation_duration_seconds_count')).length, expected.length)
})

t.test('a request that is refused after it began', async t => {
  const { rpc, open, snapshot, scrape } = await startApp(t, {
    prepare: app => {
      app.decorate('mcpAuth', {
        authenticate: () => ({ kind: 'principal', principal: { kind: 'api-key', issuer: 'test', subject: 'alice', scopes: [] } }),
        lacking: () => ({ kind: 'refused', rung: 'scope', status: 403, id: undefined, code: -32600, message: 'not enough' })
      })
    },
    endpoint: {
      application: exchange => {
        const { message } = exchange
        if (!('id' in message) || !('method' in message)) return undefined
        if (message.method === 'initialize') {
          const result = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'x', version: '1' } }
          return exchange.send({ jsonrpc: '2.0', id: message.id, result })
        }
        exchange.challenge?.(['write'])
        return undefined
      }
    }
  })
  const session = await open()
  await rpc(tool('echo'), session)
  t.match(snapshot(), { requests: { inFlight: 0, byOutcome: { ok: 1, refused: 1 } }, refusals: { scope: 1 } })
  const samples = await scrape()
  t.equal(samples.get(called('other', LEGACY, 'refused')), 1)
  t.equal(samples.get('mcp_server_refusals_total{rung="scope",status="403"}'), 1)
})

t.test('what the server ends when it closes is an error, and nothing stays in flight', async t => {
  const { app, open, post, held, snapshot } = await startApp(t)
  const reply = post(tool('hold'), await open()).then(response => response.text())
  await until(() => held.length === 1)
  await app.close()
  t.match(await reply, 'shutting down')
  t.match(snapshot().requests, { inFlight: 0, byOutcome: { error: 1 } })
})

t.test('notifications are operations and no requests', async t => {
  const { rpc, open, snapshot, scrape } = await startApp(t)
  const session = await open()
  for (const method of ['notifications/initialized', 'notifications/crash', 'notifications/made-up']) {
    await rpc({ jsonrpc: '2.0', method }, session)
  }
  t.equal(snapshot().requests.total, 1)
  const samples = await scrape()
  const revision = `mcp_protocol_version="${LEGACY}"`
  t.equal(samples.get(count('notifications/initialized', revision)), 1)
  t.equal(samples.get(count('notifications/other', revision)), 1)
  t.equal(samples.get(count('notifications/other', `${revision},error_type="application_error"`)), 1)
})

t.test('each request of a batch counts by itself', async t => {
  const { rpc, open, snapshot } = await startApp(t)
  await rpc([tool('echo', 1), tool('fail', 2), tool('stream', 3)], await open('2025-03-26'))
  t.match(snapshot().requests, { total: 4, inFlight: 0, byOutcome: { ok: 3, error: 1 } })
})
