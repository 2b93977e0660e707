import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import t from 'tap'
import { call, LEGACY, modern, MODERN, readerOf, readUntil, startApp, tool, until } from '../helper.ts'
import { setUpTracing } from './tracing.ts'

const tracing = setUpTracing(t)
t.beforeEach(() => tracing.reset())
const telemetry = { spans: true }

t.test('a span for each call, with the names and attributes of the conventions', async t => {
  const { rpc, open } = await startApp(t, { telemetry })
  const session = await open()
  await rpc(tool('echo', 'call-7'), session)
  const span = await tracing.ended('tools/call echo')
  t.equal(span.kind, SpanKind.SERVER)
  t.equal(span.status.code, SpanStatusCode.UNSET)
  const id = session['mcp-session-id'] ?? ''
  t.strictSame(span.attributes, {
    'mcp.method.name': 'tools/call',
    'mcp.protocol.version': LEGACY,
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'mcp.session.id': id.slice(0, 6) + '…',
    'jsonrpc.request.id': 'call-7',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'echo'
  })
  t.notOk(JSON.stringify(span.attributes).includes(id), 'H-20: the session id is not whole')
  t.match(await tracing.ended('initialize'), { attributes: { 'mcp.method.name': 'initialize' } })
})

t.test('prompts and resources, without what URIs keep secret', async t => {
  const { rpc, open } = await startApp(t, { telemetry })
  const session = await open()
  await rpc(call('prompts/get', { name: 'greet' }), session)
  await rpc(call('resources/read', { uri: 'https://user:word@example.com/a?token=secret#part' }, 2), session)
  t.match((await tracing.ended('prompts/get greet')).attributes, { 'gen_ai.prompt.name': 'greet' })
  t.match((await tracing.ended('resources/read')).attributes, { 'mcp.resource.uri': 'https://example.com/a' })
})

t.test('failures have their error type, code and message; the application\'s error is an event', async t => {
  const { rpc, open } = await startApp(t, { telemetry })
  const session = await open()
  await rpc(call('tools/list'), session)
  for (const name of ['stumble', 'fail', 'crash']) await rpc(tool(name), session)

  const stumbled = await tracing.ended('tools/call stumble')
  t.match(stumbled, { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'tool_error' } })
  t.notOk('rpc.response.status_code' in stumbled.attributes)
  t.match(await tracing.ended('tools/call fail'), {
    status: { code: SpanStatusCode.ERROR, message: 'No tool fail' },
    attributes: { 'error.type': '-32602', 'rpc.response.status_code': '-32602' }
  })
  const crashed = await tracing.ended('tools/call crash')
  t.match(crashed, { status: { message: 'Internal error' }, attributes: { 'error.type': '-32603' } })
  t.match(crashed.events, [{ name: 'exception', attributes: { 'exception.message': 'the tool broke' } }])
})

t.test('cancelled, lost and refused calls', async t => {
  const { rpc, open, post, held } = await startApp(t, {
    telemetry,
    prepare: app => {
      app.decorate('mcpAuth', {
        authenticate: () => ({ kind: 'principal', principal: { kind: 'api-key', issuer: 'test', subject: 'alice', scopes: [] } }),
        lacking: () => ({ kind: 'refused', rung: 'scope', status: 403, id: undefined, code: -32600, message: 'not enough' })
      })
    }
  })
  const session = await open()
  await rpc(call('tools/list'), session)
  const cancelled = post(tool('hold', 'c'), session)
  await until(() => held.length === 1)
  await rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c', reason: 'changed my mind' } }, session)
  await (await cancelled).text()
  t.match(await tracing.ended('tools/call hold'), {
    status: { code: SpanStatusCode.ERROR, message: 'changed my mind' }, attributes: { 'error.type': 'cancelled', 'jsonrpc.request.id': 'c' }
  })

  const gone = new AbortController()
  const lost = post(...modern('tools/call', { name: 'hold' }), gone.signal).catch(() => {})
  await until(() => held.length === 2)
  gone.abort()
  await lost
  t.match(await tracing.ended('tools/call hold', span => span.attributes['mcp.protocol.version'] === MODERN), {
    status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'disconnected' }
  })

  const refused = post(tool('hold', 'r'), session)
  await until(() => held.length === 3)
  t.equal(held[2]?.challenge?.(['write']), true)
  t.equal((await refused).status, 403)
  t.match(await tracing.ended('tools/call hold', span => span.attributes['jsonrpc.request.id'] === 'r'), {
    status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'refused', 'mcp.refusal.rung': 'scope' }
  })
})

t.test('a span of a stream ends with its stream, not when it begins', async t => {
  const { post, open, held } = await startApp(t, { telemetry })
  const running = post(tool('hold'), await open())
  await until(() => held.length === 1)
  await held[0]?.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
  const reader = readerOf(await running)
  await readUntil(reader, 'progress')
  t.notOk(tracing.calls().some(span => span.name.startsWith('tools/call')), 'it runs')
  await held[0]?.send({ jsonrpc: '2.0', id: 1, result: {} })
  await readUntil(reader, '"result"')
  const span = await tracing.ended('tools/call hold')
  t.ok(span.duration[0] >= 0)
})

t.test('a listen has a span that ends with the subscription', async t => {
  const { post } = await startApp(t, { telemetry })
  const reader = readerOf(await post(...modern('subscriptions/listen', { notifications: { toolsListChanged: true } })))
  await readUntil(reader, 'acknowledged')
  t.equal(tracing.calls().length, 0)
  await reader.cancel()
  t.equal((await tracing.ended('subscriptions/listen')).status.code, SpanStatusCode.UNSET)
})

t.test('HTTP+SSE: calls have spans there, too', async t => {
  const { origin } = await startApp(t, { telemetry })
  const stream = readerOf(await fetch(`${origin}/sse`, { headers: { accept: 'text/event-stream' } }))
  const path = /data: (\S+)/.exec(await readUntil(stream, 'sessionId='))?.[1] ?? ''
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(call('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } }))
  await fetch(origin + path, { method: 'POST', headers, body })
  t.match((await tracing.ended('initialize')).attributes, { 'mcp.protocol.version': '2024-11-05' })
  await stream.cancel()
})

t.test('unknown methods and tools make no new span names', async t => {
  const { rpc, open } = await startApp(t, { telemetry })
  const session = await open()
  const long = 'x'.repeat(10_000)
  await rpc(call(long), session)
  await rpc(tool('no-such-tool'), session)
  t.equal((await tracing.ended('other')).attributes['mcp.method.name'], 'x'.repeat(128))
  t.equal((await tracing.ended('tools/call')).attributes['gen_ai.tool.name'], 'no-such-tool')
})

t.test('what the application does belongs to the call, in turns that follow too', async t => {
  const { rpc } = await startApp(t, {
    telemetry,
    endpoint: {
      sessions: false,
      application: async exchange => {
        const { message } = exchange
        if (!('id' in message) || message.id === undefined || message.id === null) return
        await new Promise(resolve => setImmediate(resolve))
        trace.getTracer('application').startSpan('work').end()
        await exchange.send({ jsonrpc: '2.0', id: message.id, result: {} })
      }
    }
  })
  await Promise.all(['a', 'b', 'c'].map(id => rpc(tool('echo', id))))
  await until(() => tracing.calls().length === 3)
  const parents = tracing.all().filter(span => span.name === 'work').map(span => span.parentSpanContext?.spanId)
  t.strictSame(parents.toSorted(), tracing.calls().map(span => span.spanContext().spanId).toSorted())
})
