import t from 'tap'
import { inputRequired, McpServer } from '@modelcontextprotocol/server'
import type { McpApplication } from '@mcp/protocol'
import { sdkApplication } from '../src/index.ts'
import { call, enveloped, exchange, open, TestSession, text, turns, type TestExchange } from './helper.ts'
import { Probe, serverV2 } from './servers.ts'

type Background = (server: McpServer) => Promise<unknown>

/** A tool that answers at once and goes on in the background. */
function restless (background: Background, outcome: (value: unknown) => void): McpServer {
  const server = new McpServer({ name: 'restless', version: '1' }, { capabilities: { logging: {}, tools: {} } })
  server.registerTool('start', {}, context => {
    setImmediate(() => {
      Promise.resolve(context).then(() => background(server)).then(outcome, outcome)
    })
    return { content: [{ type: 'text', text: 'started' }] }
  })
  return server
}

async function afterAnswer (background: Background): Promise<{ session: TestSession, start: TestExchange, outcome: unknown }> {
  const outcomes: unknown[] = []
  const application = sdkApplication(() => restless(background, value => outcomes.push(value)))
  const session = await open(application)
  const start = await exchange(application, call('start'), { session })
  await start.result()
  while (outcomes.length === 0) await turns()
  await application.close?.()
  return { session, start, outcome: outcomes[0] }
}

t.test('C-17 changes go on the standalone stream, also from within a handler', async t => {
  const application = sdkApplication(() => serverV2())
  t.teardown(() => application.close?.())
  const session = await open(application)
  const changed = await exchange(application, call('changed'), { session })
  await changed.result()
  t.equal(changed.sent.length, 1)
  t.match(session.sent, [{ method: 'notifications/tools/list_changed' }, { method: 'notifications/resources/updated' }])
})

t.test('what a server says of its own accord goes on the standalone stream', async t => {
  let server: McpServer | undefined
  const application = sdkApplication(() => (server = serverV2()))
  t.teardown(() => application.close?.())
  const session = await open(application)
  await server?.server.sendLoggingMessage({ level: 'info', data: 'boo' })
  const roots = server?.server.listRoots()
  await turns()
  const [log, asked] = session.sent
  t.match(log, { method: 'notifications/message' })
  t.match(asked, { method: 'roots/list' })
  const id = asked !== undefined && 'id' in asked ? asked.id : null
  await exchange(application, { jsonrpc: '2.0', id: id ?? '', result: { roots: [] } }, { session })
  t.strictSame(await roots, { roots: [] })
})

t.test('C-35 after the answer a log message goes on the standalone stream', async t => {
  const { session, start } = await afterAnswer(server => server.server.sendLoggingMessage({ level: 'info', data: 'later' }))
  t.match(session.sent, [{ method: 'notifications/message', params: { data: 'later' } }])
  t.equal(start.sent.length, 1)
})

t.test('C-35 after the answer progress is left to the exchange, which drops and logs it', async t => {
  const { session, start } = await afterAnswer(server =>
    server.server.notification({ method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }))
  t.strictSame(session.sent, [])
  t.match(start.sent.at(-1), { method: 'notifications/progress' })
})

t.test('C-11 after the answer the client cannot be asked any more, and the handler is told so', async t => {
  const { session, start, outcome } = await afterAnswer(server => server.server.listRoots())
  t.match(outcome, { code: 'MCP_SDK_EXCHANGE_OVER' })
  t.strictSame(session.sent, [])
  t.equal(start.sent.length, 1)
})

t.test('two sessions do not hear of each other', async t => {
  const application = sdkApplication(() => serverV2())
  t.teardown(() => application.close?.())
  const one = await open(application)
  const other = await open(application, Object.assign(one.elsewhere(), { id: 's2' }))
  await (await exchange(application, call('changed'), { session: one })).result()
  t.equal(one.sent.length, 2)
  t.equal(other.sent.length, 0)
})

t.test('a handler that calls the application itself gets its messages apart', async t => {
  const holder: { session?: TestSession } = {}
  const application: McpApplication = sdkApplication(() => {
    const server = serverV2()
    server.registerTool('outer', {}, async context => {
      const inner = await exchange(application, call('log', {}, 1), { session: holder.session ?? null, revision: '2025-11-25' })
      await inner.result()
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: 'outer', progress: 1 } })
      return { content: [{ type: 'text', text: String(inner.sent.length) }] }
    })
    return server
  })
  t.teardown(() => application.close?.())
  holder.session = await open(application)
  const outer = await exchange(application, call('outer'), { session: holder.session })
  t.equal(text(await outer.result()), '3', 'two log messages and the answer')
  t.equal(outer.sent.length, 2)
})

t.test('without a session the client cannot be asked outside of a request', async t => {
  let outcome: unknown
  const application = sdkApplication(() => {
    const server = serverV2()
    server.server.oninitialized = () => { server.server.listRoots().catch(error => { outcome = error }) }
    return server
  })
  t.teardown(() => application.close?.())
  await exchange(application, { jsonrpc: '2.0', method: 'notifications/initialized' }, { revision: '2025-06-18' })
  await turns()
  t.match(outcome, { code: 'MCP_SDK_NO_STREAM' })
  const modern = await exchange(application, enveloped(call('echo', { text: 'x' })))
  t.equal(text(await modern.result()), 'x')
})

t.test('C-11 what a modern handler requires, a legacy client is asked for on the stream of the request', async t => {
  const application = sdkApplication(() => {
    const server = new McpServer({ name: 'both', version: '1' })
    server.registerTool('greet', {}, context => {
      const answer = context.mcpReq.inputResponses?.name
      if (answer !== undefined) return { content: [{ type: 'text', text: JSON.stringify(answer) }] }
      const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
      return inputRequired({ inputRequests: { name: inputRequired.elicit({ message: 'who?', requestedSchema }) } })
    })
    return server
  })
  t.teardown(() => application.close?.())
  const session = await open(application)
  const greet = await exchange(application, call('greet'), { session })
  const asked = await greet.asked()
  t.equal(asked.method, 'elicitation/create')
  await exchange(application, { jsonrpc: '2.0', id: asked.id, result: { action: 'accept', content: { name: 'Ada' } } }, { session })
  t.match(text(await greet.result()), /Ada/)
  t.strictSame(session.sent, [])
})

t.test('C-17 a client that cannot be asked anything: messages that name no request go on the standalone stream', async t => {
  const application = sdkApplication(() => {
    const server = serverV2()
    server.registerTool('aloud', {}, async context => {
      await server.server.sendLoggingMessage({ level: 'info', data: 'to all' })
      await context.mcpReq.log('info', 'to the caller')
      return { content: [] }
    })
    return server
  })
  t.teardown(() => application.close?.())
  const session = await open(application, new TestSession('s1', '2025-11-25', { capabilities: {} }))
  const aloud = await exchange(application, call('aloud'), { session })
  await aloud.result()
  t.match(session.sent, [{ method: 'notifications/message', params: { data: 'to all' } }])
  t.match(aloud.sent, [{ params: { data: 'to the caller' } }, { result: {} }])
})

t.test('a client that cannot be asked anything: a handler that outlives its cancelled request stays apart', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe))
  t.teardown(() => application.close?.())
  const session = await open(application, new TestSession('s1', '2025-11-25', { capabilities: {} }))
  const first = await exchange(application, call('wait', { gate: 'stubborn' }, 5), { session })
  await turns()
  first.cancel()
  await turns()
  const second = await exchange(application, call('wait', { gate: 'b' }, 5), { session })
  await turns()
  probe.open('stubborn')
  await turns()
  t.strictSame([first.sent, second.sent], [[], []])
  probe.open('b')
  await second.result()
  t.equal((await second.answer()).id, 5)
})

t.test('E-50 a server that serves one request knows where its messages belong', async t => {
  const application = sdkApplication(() => {
    const server = serverV2()
    server.registerTool('aloud', {}, async () => {
      await server.server.notification({ method: 'notifications/message', params: { level: 'info', data: 'x' } })
      return { content: [] }
    })
    return server
  })
  t.teardown(() => application.close?.())
  for (const [message, options] of [[call('aloud'), { revision: '2025-06-18' }], [enveloped(call('aloud')), {}]] as const) {
    const aloud = await exchange(application, message, options)
    await aloud.result()
    t.match(aloud.sent, [{ method: 'notifications/message' }, { result: {} }])
  }
})
