import t from 'tap'
import type { McpServer } from '@modelcontextprotocol/server'
import { sdkApplication } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { call, exchange, notification, open, request, TestExchange, text, turns } from './helper.ts'
import { Probe, serverV1, serverV2 } from './servers.ts'

// With `maxIdle: 0` a server is given up as soon as it has nothing to do.
const eager = { maxIdle: 0 }

for (const [name, build] of [
  ['v1', (probe: Probe) => sdkV1Application(() => serverV1(probe), eager)],
  ['v2', (probe: Probe) => sdkApplication(() => serverV2(probe), eager)]
] as const) {
  t.test(`${name}: D-11 an idle server is given up and rebuilt with handshake and log level`, async t => {
    const probe = new Probe()
    const application = build(probe)
    t.teardown(() => application.close?.())
    const session = await open(application)
    await (await exchange(application, request('logging/setLevel', { level: 'warning' }), { session })).result()
    await turns()
    t.ok(probe.seen.includes('closed'))
    const before = probe.built.length
    const log = await exchange(application, call('log'), { session })
    await log.result()
    t.equal(probe.built.length, before + 1)
    t.equal(log.sent.length, 2, 'the debug message is still filtered')
    const who = await exchange(application, call('who'), { session })
    t.match(JSON.parse(String(text(await who.result()))), { client: { name: 'test-client', version: '7' }, capabilities: { roots: {} } })
    t.strictSame(session.sent, [], 'the client notices nothing')
    await turns()
    t.equal(session.listeners.size, 0, 'nothing keeps the session in memory')
  })

  t.test(`${name}: a server that works or waits for its client is not given up`, async t => {
    const probe = new Probe()
    const application = build(probe)
    t.teardown(() => application.close?.())
    const session = await open(application)
    await turns()
    const before = probe.built.length
    const elicit = await exchange(application, call('elicit', {}, 7), { session })
    const asked = await elicit.asked()
    await exchange(application, notification('notifications/roots/list_changed'), { session })
    await turns()
    await exchange(application, { jsonrpc: '2.0', id: asked.id, result: { action: 'decline' } }, { session })
    t.match(text(await elicit.result()), /decline/)
    t.equal(probe.built.length, before + 1)
  })
}

t.test('another node continues a session with level and subscriptions', async t => {
  const here = sdkApplication(() => serverV2())
  const probe = new Probe()
  const there = sdkApplication(() => serverV2(probe))
  t.teardown(() => Promise.all([here.close?.(), there.close?.()]))
  const session = await open(here)
  for (const [method, params] of [
    ['logging/setLevel', { level: 'error' }], ['resources/subscribe', { uri: 'file:///a' }],
    ['resources/subscribe', { uri: 'file:///b' }], ['resources/unsubscribe', { uri: 'file:///a' }]
  ] as const) {
    await (await exchange(here, request(method, params), { session })).result()
  }
  const moved = session.elsewhere()
  const log = await exchange(there, call('log'), { session: moved })
  await log.result()
  t.equal(log.sent.length, 2)
  t.strictSame(probe.seen, ['initialized', 'subscribe file:///b'])
})

t.test('a failed request leaves no mark on the session', async t => {
  const application = sdkApplication(() => {
    const server = serverV2()
    server.server.setRequestHandler('resources/subscribe', () => { throw new Error('no') })
    return server
  })
  t.teardown(() => application.close?.())
  const session = await open(application)
  await (await exchange(application, request('resources/subscribe', { uri: 'file:///a' }), { session })).error()
  await (await exchange(application, request('logging/setLevel', { level: 'nonsense' }), { session })).error()
  t.strictSame(session.state, {})
})

t.test('state that cannot be kept does not keep the answer from the client', async t => {
  const errors: unknown[] = []
  const application = sdkApplication(() => serverV2(), { onError: error => errors.push(error) })
  t.teardown(() => application.close?.())
  const session = await open(application)
  session.setState = async () => { throw new Error('storage is down') }
  await (await exchange(application, request('resources/subscribe', { uri: 'file:///a' }), { session })).result()
  t.match(errors, [{ message: 'storage is down' }])
})

t.test('a thousand subscriptions are remembered, not more', async t => {
  const application = sdkApplication(() => serverV2())
  t.teardown(() => application.close?.())
  const session = await open(application)
  for (let i = 0; i < 1002; i++) await (await exchange(application, request('resources/subscribe', { uri: `file:///${i}` }), { session })).result()
  t.equal(Object.keys(session.state).length, 1000)
})

t.test('messages that arrive together are served by one rebuilt server, in their order', async t => {
  const probe = new Probe()
  const application = sdkApplication(async () => {
    await turns(2)
    return serverV2(probe)
  })
  t.teardown(() => application.close?.())
  const session = await open(application)
  const moved = session.elsewhere()
  const other = sdkApplication(async () => {
    await turns(2)
    return serverV2(probe)
  })
  t.teardown(() => other.close?.())
  probe.built.length = 0
  const made = [1, 2, 3].map(id => new TestExchange(call('echo', { text: String(id) }, id), { session: moved }))
  const order: unknown[] = []
  for (const one of made) one.answer().then(answer => order.push(answer.id), () => {})
  await Promise.all(made.map(one => other.accept(one)))
  await Promise.all(made.map(one => one.result()))
  t.equal(probe.built.length, 1)
  t.strictSame(order, [1, 2, 3])
})

t.test('a client that was late with initialized is not announced twice', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe))
  t.teardown(() => application.close?.())
  const session = (await open(sdkApplication(() => serverV2()))).elsewhere()
  await (await exchange(application, call('echo', { text: 'x' }), { session })).result()
  await exchange(application, notification('notifications/initialized'), { session })
  await turns()
  t.strictSame(probe.seen, ['initialized'])
  const again = new Probe()
  const rebuilt = sdkApplication(() => serverV2(again))
  t.teardown(() => rebuilt.close?.())
  await exchange(rebuilt, notification('notifications/initialized'), { session: session.elsewhere() })
  await turns()
  t.strictSame(again.seen, ['initialized'], 'nor when it is what a server is rebuilt for')
})

t.test('A-37 a response nobody waits for builds no server', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe))
  t.teardown(() => application.close?.())
  const session = (await open(sdkApplication(() => serverV2()))).elsewhere()
  const made = await exchange(application, { jsonrpc: '2.0', id: 3, result: {} }, { session })
  t.strictSame(made.sent, [])
  t.equal(probe.built.length, 0)
})

t.test('a session that ends while its server is built leaves none behind', async t => {
  const probe = new Probe()
  const application = sdkApplication(async () => {
    await probe.wait('factory')
    return serverV2(probe)
  })
  t.teardown(() => application.close?.())
  const session = (await open(sdkApplication(() => serverV2()))).elsewhere()
  const accepted = exchange(application, call('echo', { text: 'x' }), { session })
  await turns()
  await session.terminate()
  probe.open('factory')
  await t.rejects(accepted, { code: 'MCP_SDK_SESSION_OVER' })
  t.equal(session.listeners.size, 0)
  t.strictSame(probe.seen, [], 'it never heard of the client')
})

t.test('a server that closes itself is replaced, and its open requests are answered', async t => {
  let current: McpServer | undefined
  const probe = new Probe()
  const application = sdkApplication(() => (current = serverV2(probe)))
  t.teardown(() => application.close?.())
  const session = await open(application)
  const waiting = await exchange(application, call('wait', { gate: 'a' }), { session })
  await turns()
  await current?.close()
  t.match(await waiting.answer(), { error: { code: -32603 } })
  const echo = await exchange(application, call('echo', { text: 'again' }), { session })
  t.equal(text(await echo.result()), 'again')
  t.equal(probe.built.length, 2)
})

t.test('a rebuilt server that refuses the handshake rejects the message', async t => {
  const application = sdkApplication(() => {
    const server = serverV2()
    server.server.setRequestHandler('initialize', () => { throw new Error('not today') })
    return server
  })
  t.teardown(() => application.close?.())
  const session = (await open(sdkApplication(() => serverV2()))).elsewhere()
  await t.rejects(exchange(application, call('echo', { text: 'x' }), { session }), { code: 'MCP_SDK_HANDSHAKE_REFUSED' })
})
