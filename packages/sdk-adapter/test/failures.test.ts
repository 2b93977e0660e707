import t from 'tap'
import { McpServer } from '@modelcontextprotocol/server'
import type { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { sdkApplication, type SdkApplicationOptions, type SdkFactory } from '../src/index.ts'
import { sdkV1Application, type SdkV1Factory } from '../src/v1.ts'
import { call, enveloped, exchange, open, request, TestSession, text } from './helper.ts'
import { serverV1, serverV2 } from './servers.ts'
import type { JsonObject, JsonRpcMessage, McpApplication } from '@mcp/protocol'

const initialize = request('initialize', { ...new TestSession().handshake })

t.test('a factory that fails rejects the message and no other', async t => {
  for (const reuse of ['never', 'principal'] as const) {
    let broken = true
    const application = sdkApplication(() => {
      if (broken) throw new Error('no database')
      return serverV2()
    }, { reuse })
    t.teardown(() => application.close?.())
    const ways: Array<[JsonRpcMessage, object]> = [
      [initialize, { session: new TestSession('a') }], [call('echo', { text: 'x' }), { revision: '2025-06-18' }], [enveloped(call('echo', { text: 'x' })), {}]
    ]
    for (const [message, options] of ways) await t.rejects(exchange(application, message, options), { message: 'no database' })
    broken = false
    for (const [message, options] of ways) await (await exchange(application, message, options)).result()
  }
})

t.test('a server must not be shared (CVE-2026-25536)', async t => {
  const refusal = { code: 'MCP_SDK_SHARED_INSTANCE' }
  await t.test('between sessions', async t => {
    const one = serverV2()
    const application = sdkApplication(() => one)
    t.teardown(() => application.close?.())
    await exchange(application, initialize, { session: new TestSession('a') })
    await t.rejects(exchange(application, initialize, { session: new TestSession('b') }), refusal)
  })
  await t.test('between modern requests, even one after the other', async t => {
    const one = serverV2()
    const application = sdkApplication(() => one)
    t.teardown(() => application.close?.())
    t.equal(text(await (await exchange(application, enveloped(call('echo', { text: 'x' })))).result()), 'x')
    await t.rejects(exchange(application, enveloped(call('echo', { text: 'x' }))), refusal)
  })
  await t.test('between applications, or with a transport of its own', async t => {
    const one = serverV1()
    const [here, there] = [sdkV1Application(() => one), sdkV1Application(() => one)]
    t.teardown(() => Promise.all([here.close?.(), there.close?.()]))
    await exchange(here, initialize, { session: new TestSession('a') })
    await t.rejects(exchange(there, initialize, { session: new TestSession('a') }), refusal)
    const connected = serverV2()
    await connected.connect({ async start () {}, async send () {}, async close () {} })
    const application = sdkApplication(() => connected)
    await t.rejects(exchange(application, initialize, { session: new TestSession('a') }), refusal)
    await t.rejects(exchange(application, enveloped(call('echo', { text: 'x' }))), refusal)
  })
})

t.test('what is no server, or one of the other generation, is refused', async t => {
  const v2 = (product: unknown): McpApplication => sdkApplication(() => product as McpServer)
  const v1 = (product: unknown): McpApplication => sdkV1Application(() => product as McpServerV1)
  for (const product of [undefined, null, {}, 'server']) {
    for (const application of [v1(product), v2(product)]) {
      await t.rejects(exchange(application, initialize, { session: new TestSession() }), { code: 'MCP_SDK_NOT_A_SERVER' })
    }
  }
  await t.rejects(exchange(v2(serverV1()), enveloped(call('echo'))), { code: 'MCP_SDK_WRONG_GENERATION', message: /sdkV1Application/ })
  await t.rejects(exchange(v1(serverV2()), initialize, { session: new TestSession() }), { code: 'MCP_SDK_WRONG_GENERATION', message: /sdkApplication/ })
})

t.test('an option that does not exist throws, and the error names it and those that exist', async t => {
  const unknown = { idleMS: 5 } as object
  const error = { code: 'MCP_SDK_BAD_OPTION', message: /every option must be one of idleMs, maxIdle.*, got "idleMS"/ }
  t.throws(() => sdkApplication(() => serverV2(), unknown), error)
  t.throws(() => sdkV1Application(() => serverV1(), unknown), error)
  t.throws(() => sdkV1Application(() => serverV1(), { reuse: 'never' } as object), { message: /got "reuse"/ }, 'an option of the other generation')
  for (const options of [null, [], 5, 'idleMs']) {
    t.throws(() => sdkApplication(() => serverV2(), options as object), { code: 'MCP_SDK_BAD_OPTION', message: /^options must be an object/ })
  }
})

t.test('a server instead of a factory throws, and the error shows what to write', async t => {
  const wrong: Array<[unknown, RegExp]> = [
    [serverV2(), /got a server; write sdkApplication\(\(\) => new McpServer/], [serverV2().server, /got a server; write/],
    [Promise.resolve(serverV2()), /got a promise; write/], [McpServer, /got a class; write sdkApplication\(\(\) => new McpServer/],
    [undefined, /got undefined/], [null, /got null/], [{}, /got object/]
  ]
  for (const [factory, message] of wrong) {
    t.throws(() => sdkApplication(factory as SdkFactory), { code: 'MCP_SDK_BAD_OPTION', message })
  }
  t.throws(() => sdkV1Application(serverV1() as unknown as SdkV1Factory), { code: 'MCP_SDK_BAD_OPTION', message: /got a server; write sdkV1Application/ })
})

t.test('a bad option throws at once, naming option and expected shape', async t => {
  const bad: Array<[unknown, string]> = [
    [{ idleMs: 0 }, 'idleMs must be a positive number of milliseconds, got 0'],
    [{ idleMs: '5m' }, 'idleMs must be a positive number of milliseconds, got "5m"'],
    [{ maxIdle: -1 }, 'maxIdle must be an integer of at least 0, got -1'],
    [{ maxReused: 0 }, 'maxReused must be an integer of at least 1, got 0'],
    [{ reuse: 'always' }, "reuse must be 'never' or 'principal', got \"always\""],
    [{ publish: true }, 'publish must be a function, got true'],
    [{ onError: null }, 'onError must be a function, got null'],
    [{ revisions: [] }, /^revisions must be a non-empty list out of 2024-11-05/.source]
  ]
  for (const [options, message] of bad) {
    t.throws(() => sdkApplication(() => serverV2(), options as SdkApplicationOptions), { code: 'MCP_SDK_BAD_OPTION', message: new RegExp(message.replaceAll('(', '\\(')) })
  }
  t.throws(() => sdkV1Application(() => serverV1(), { revisions: ['2026-07-28'] }), { code: 'MCP_SDK_BAD_OPTION' })
  t.strictSame(sdkApplication(() => serverV2(), { revisions: ['2026-07-28'] }).revisions, ['2026-07-28'])
})

t.test('errors nobody waits for are reported', async t => {
  const errors: unknown[] = []
  const application = sdkApplication(() => {
    const server = serverV2()
    server.close = async () => { throw new Error('stuck') }
    return server
  }, { onError: error => errors.push(error) })
  const session = new TestSession()
  await exchange(application, initialize, { session })
  await application.close?.()
  t.match(errors, [{ message: 'stuck' }])
  t.equal(session.listeners.size, 0, 'and the session is let go')
})

t.test('A-14 what a handler throws stays here; A-8 what the SDK finds wrong with params is said', async t => {
  const errors: unknown[] = []
  const application = sdkApplication(() => {
    const server = serverV2()
    server.registerResource('r', 'file:///r', {}, async () => { throw new Error('SELECT password FROM users') })
    return server
  }, { onError: error => errors.push(error) })
  t.teardown(() => application.close?.())
  const ask = async (method: string, params: JsonObject): Promise<unknown> =>
    await (await exchange(application, enveloped(request(method, params, 'id')))).answer()
  t.strictSame(await ask('resources/read', { uri: 'file:///r' }), { jsonrpc: '2.0', id: 'id', error: { code: -32603, message: 'Internal error' } })
  t.match(errors, [{ code: 'MCP_SDK_HANDLER_FAILED', message: 'The handler of resources/read failed: SELECT password FROM users' }])
  t.match(await ask('resources/read', {}), { id: 'id', error: { code: -32602, message: /^Invalid params: params\.uri: / } })
  t.match(await ask('resources/read', { uri: 'file:///none' }), { error: { code: -32602, message: /not found/ } }, 'E-27')
  t.equal(errors.length, 1)
})

t.test('A-61 an invalid log level', async t => {
  for (const application of [sdkApplication(() => serverV2()), sdkV1Application(() => serverV1())]) {
    t.teardown(() => application.close?.())
    const session = await open(application)
    const made = await exchange(application, request('logging/setLevel', { level: 'loud' }), { session })
    t.match(await made.error(), { code: -32602, message: /params\.level/ })
  }
})
