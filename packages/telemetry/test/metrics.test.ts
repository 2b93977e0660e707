import t from 'tap'
import { call, modern, MODERN, startApp, tool } from './helper.ts'

/** Series of the text, without buckets: names as they go into dashboards are part of the contract. */
const NAMES = [
  'mcp_server_events_replayed_total',
  'mcp_server_events_written_total',
  'mcp_server_operation_duration_seconds',
  'mcp_server_refusals_total',
  'mcp_server_requests_in_flight',
  'mcp_server_session_duration_seconds',
  'mcp_server_sessions_active',
  'mcp_server_sessions_ended_total',
  'mcp_server_sessions_opened_total',
  'mcp_server_sessions_stored',
  'mcp_server_streams_closed_total',
  'mcp_server_streams_open',
  'mcp_server_streams_opened_total'
]

t.test('the text has every metric with help and type', async t => {
  const { app } = await startApp(t)
  const text = await app.mcpTelemetry.metrics()
  t.match(app.mcpTelemetry.contentType, 'text/plain; version=0.0.4')
  for (const word of ['HELP', 'TYPE']) {
    t.strictSame([...text.matchAll(new RegExp(`^# ${word} (\\S+)`, 'gm'))].map(match => match[1]).sort(), NAMES)
  }
})

t.test('requests are counted by revision, from every era', async t => {
  const { rpc, open, scrape } = await startApp(t)
  const legacy = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']
  for (const version of legacy) {
    const session = await open(version)
    await rpc(tool('echo'), session)
  }
  await rpc(...modern('tools/call', { name: 'echo' }))
  const samples = await scrape()
  for (const version of [...legacy, MODERN]) {
    const labels = `network_transport="tcp",mcp_method_name="tools/call",mcp_protocol_version="${version}",gen_ai_tool_name="echo",gen_ai_operation_name="execute_tool"`
    t.equal(samples.get(`mcp_server_operation_duration_seconds_count{${labels}}`), 1, version)
  }
})

t.test('buckets are those of the conventions, cumulative, and agree with count and sum', async t => {
  const { rpc, open, scrape } = await startApp(t)
  const session = await open()
  for (let id = 1; id <= 5; id++) await rpc(tool('echo', id), session)
  const samples = await scrape()
  const of = (suffix: string): Array<[string, number]> =>
    [...samples].filter(([key]) => key.startsWith(`mcp_server_operation_duration_seconds_${suffix}`) && key.includes('"echo"'))
  const buckets = of('bucket')
  t.strictSame(buckets.map(([key]) => /le="([^"]+)"/.exec(key)?.[1]), ['0.01', '0.02', '0.05', '0.1', '0.2', '0.5', '1', '2', '5', '10', '30', '60', '120', '300', '+Inf'])
  const counts = buckets.map(([, value]) => value)
  t.strictSame(counts, counts.toSorted((a, b) => a - b))
  t.equal(counts.at(-1), 5)
  t.equal(of('count')[0]?.[1], 5)
  const sum = of('sum')[0]?.[1] ?? 0
  t.ok(sum > 0 && sum < 60, `${sum} seconds`)
})

t.test('prompts have their name, other methods none', async t => {
  const { rpc, open, scrape } = await startApp(t)
  const session = await open()
  await rpc(call('prompts/get', { name: 'greet' }), session)
  await rpc(call('resources/read', { uri: 'file:///secret?token=abc' }), session)
  const text = [...(await scrape()).keys()].join('\n')
  t.match(text, 'mcp_method_name="prompts/get",mcp_protocol_version="2025-11-25",gen_ai_prompt_name="greet"}')
  t.match(text, 'mcp_method_name="resources/read",mcp_protocol_version="2025-11-25"}')
  t.notMatch(text, 'secret')
})

t.test('sessions: opened, active, stored, ended with their duration', async t => {
  const { open, url, snapshot, scrape } = await startApp(t)
  const [first, second] = [await open(), await open('2025-06-18')]
  t.match(snapshot(), { sessions: 2, storedSessions: 2 })
  await fetch(url, { method: 'DELETE', headers: second })
  t.match(snapshot(), { sessions: 1, storedSessions: 1 })
  const samples = await scrape()
  t.equal(samples.get('mcp_server_sessions_active'), 1)
  t.equal(samples.get('mcp_server_sessions_stored'), 1)
  t.equal(samples.get('mcp_server_sessions_opened_total{mcp_protocol_version="2025-11-25"}'), 1)
  t.equal(samples.get('mcp_server_sessions_ended_total{mcp_protocol_version="2025-06-18"}'), 1)
  const ended = 'mcp_server_session_duration_seconds_count{network_transport="tcp",mcp_protocol_version="2025-06-18"}'
  t.equal(samples.get(ended), 1)
  t.ok((samples.get(ended.replace('_count', '_sum')) ?? -1) >= 0)
  t.ok(first['mcp-session-id'] !== undefined)
})

t.test('H-20: no session id, no argument and no principal is in the text', async t => {
  const { rpc, open, app } = await startApp(t)
  const session = await open()
  await rpc(tool('echo', 'an-id-of-a-request', { arguments: { password: 'hunter2' } }), session)
  const text = await app.mcpTelemetry.metrics()
  for (const secret of [session['mcp-session-id'] ?? '', 'an-id-of-a-request', 'hunter2']) t.notOk(text.includes(secret))
  t.notOk(JSON.stringify(app.mcpTelemetry.snapshot()).includes(session['mcp-session-id'] ?? ''))
})

t.test('refusals are counted by rung and status', async t => {
  const { rpc, post, url, snapshot, scrape } = await startApp(t)
  await rpc(tool('echo'), { 'mcp-session-id': 'unknown' })
  await rpc(tool('echo'), { 'mcp-session-id': 'unknown' })
  await rpc(tool('echo'))
  await post(tool('echo'), { accept: 'text/html' })
  await fetch(url, { method: 'PUT' })
  await fetch(url, { headers: { origin: 'https://evil.example' } })
  t.strictSame(snapshot().refusals, { 'session-unknown': 2, 'session-missing': 1, accept: 1, method: 1, guard: 1 })
  t.equal((await scrape()).get('mcp_server_refusals_total{rung="session-unknown",status="404"}'), 2)
  t.equal(snapshot().requests.total, 0, 'what is refused before it begins is no request')
})
