import { context, propagation, trace } from '@opentelemetry/api'
import t from 'tap'
import { modern, startApp, tool, until, type TestApp } from '../helper.ts'
import { instrumentHttp, setUpTracing } from './tracing.ts'

const tracing = setUpTracing(t)
t.beforeEach(() => tracing.reset())
const telemetry = { spans: true }

const MESSAGE = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
const REQUEST = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' }
const parent = ({ trace, span }: typeof MESSAGE, version = '00'): string => `${version}-${trace}-${span}-01`

const calling = async (node: TestApp, meta: object, headers: Record<string, string> = {}): Promise<void> => {
  await node.rpc(tool('echo', 1, { _meta: { ...meta } }), { ...await node.open(), ...headers })
}
const echo = () => tracing.ended('tools/call echo')
const linked = async (): Promise<string[]> => (await echo()).links.map(({ context }) => context.spanId)

t.test('E-11: a call continues the trace its message names, and links the one of its HTTP request', async t => {
  const node = await startApp(t, { telemetry })
  await calling(node, { traceparent: parent(MESSAGE), tracestate: 'vendor=value' }, { traceparent: parent(REQUEST) })
  const span = await echo()
  t.equal(span.spanContext().traceId, MESSAGE.trace)
  t.match(span.parentSpanContext, { spanId: MESSAGE.span, isRemote: true })
  t.equal(span.spanContext().traceState?.serialize(), 'vendor=value')
  t.strictSame(await linked(), [REQUEST.span])
})

t.test('E-11: in the modern era, too, where its envelope stands beside', async t => {
  const node = await startApp(t, { telemetry })
  await node.rpc(...modern('tools/call', { name: 'echo' }, { traceparent: parent(MESSAGE) }))
  t.equal((await echo()).parentSpanContext?.spanId, MESSAGE.span)
})

t.test('without one in the message, that of the headers is continued', async t => {
  const node = await startApp(t, { telemetry })
  await calling(node, {}, { traceparent: parent(REQUEST) })
  t.equal((await echo()).parentSpanContext?.spanId, REQUEST.span)
  t.strictSame(await linked(), [])
})

t.test('the same context in both places is named once', async t => {
  const node = await startApp(t, { telemetry })
  await calling(node, { traceparent: parent(MESSAGE) }, { traceparent: parent(MESSAGE) })
  t.equal((await echo()).parentSpanContext?.spanId, MESSAGE.span)
  t.strictSame(await linked(), [])
})

t.test('a span around the HTTP request is the parent, or is linked where the message names another', async t => {
  const node = await startApp(t, { telemetry, prepare: app => instrumentHttp(app) })
  await calling(node, {}, { traceparent: parent(REQUEST) })
  const posts = (): string[] => tracing.all().filter(span => span.name === 'POST').map(span => span.spanContext().spanId)
  const around = (await echo()).parentSpanContext?.spanId ?? ''
  await until(() => posts().includes(around))

  tracing.reset()
  await calling(node, { traceparent: parent(MESSAGE) })
  t.equal((await echo()).parentSpanContext?.spanId, MESSAGE.span)
  const [link = ''] = await linked()
  await until(() => posts().includes(link))
})

t.test('E-11: what W3C does not allow is no context', async t => {
  const node = await startApp(t, { telemetry })
  const wrong = [
    'ff-' + parent(MESSAGE).slice(3), parent(MESSAGE).toUpperCase(), parent({ ...MESSAGE, trace: '0'.repeat(32) }),
    parent({ ...MESSAGE, span: '0'.repeat(16) }), parent(MESSAGE) + '\n', 'x', '', 7, null, { toString: () => parent(MESSAGE) }, [parent(MESSAGE)]
  ]
  for (const traceparent of wrong) {
    tracing.reset()
    await calling(node, { traceparent, tracestate: 'x'.repeat(10_000), baggage: 'a=b\r\n' })
    const span = await echo()
    t.equal(span.parentSpanContext, undefined, JSON.stringify(traceparent))
  }
})

t.test('baggage reaches the application, from the message first', async t => {
  const seen: Array<string | undefined> = []
  const node = await startApp(t, {
    telemetry,
    endpoint: {
      sessions: false,
      application: async exchange => {
        const { message } = exchange
        if (!('id' in message) || message.id === undefined || message.id === null) return
        seen.push(propagation.getBaggage(context.active())?.getEntry('tenant')?.value)
        await exchange.send({ jsonrpc: '2.0', id: message.id, result: {} })
      }
    }
  })
  const meta = { traceparent: parent(MESSAGE), baggage: 'tenant=message' }
  await node.rpc(tool('echo', 1, { _meta: meta }), { traceparent: parent(REQUEST), baggage: 'tenant=request' })
  await node.rpc(tool('echo', 1, { _meta: { baggage: 'tenant=message' } }), { traceparent: parent(REQUEST), baggage: 'tenant=request' })
  await node.rpc(tool('echo'), { baggage: 'tenant=request' })
  await node.rpc(tool('echo', 1, { _meta: { baggage: `tenant=${'x'.repeat(9_000)}` } }))
  t.strictSame(seen, ['message', 'message', 'request', undefined])
})

t.test('incomingContext "link": strangers do not decide where a trace goes on', async t => {
  const node = await startApp(t, { telemetry: { spans: true, incomingContext: 'link' } })
  await calling(node, { traceparent: parent(MESSAGE) }, { traceparent: parent(REQUEST) })
  const span = await echo()
  t.equal(span.parentSpanContext, undefined)
  t.not(span.spanContext().traceId, MESSAGE.trace)
  t.strictSame(await linked(), [MESSAGE.span, REQUEST.span])
})

t.test('incomingContext "ignore": nothing of what strangers say is kept', async t => {
  const node = await startApp(t, { telemetry: { spans: true, incomingContext: 'ignore' } })
  await calling(node, { traceparent: parent(MESSAGE) }, { traceparent: parent(REQUEST) })
  t.equal((await echo()).parentSpanContext, undefined)
  t.strictSame(await linked(), [])
})

t.test('a refusal before there is a call is an event of the span around', async t => {
  const node = await startApp(t, { telemetry, prepare: app => instrumentHttp(app) })
  await node.rpc(tool('echo'), { 'mcp-session-id': 'unknown' })
  t.equal(tracing.calls().length, 0)
  const [post] = tracing.all()
  t.match(post?.events, [{ name: 'mcp.refused', attributes: { 'mcp.refusal.rung': 'session-unknown', 'http.response.status_code': 404 } }])
})

t.test('without the option there are no spans', async t => {
  const node = await startApp(t)
  await calling(node, { traceparent: parent(MESSAGE) })
  t.equal(tracing.calls().length, 0)
  t.equal(trace.getActiveSpan(), undefined)
})
