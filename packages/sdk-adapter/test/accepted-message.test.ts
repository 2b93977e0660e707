/** What the SDK's parsers would drop in silence reaches the server in a form they accept, or is rejected at once (typescript-sdk#2247). */
import type { JsonRpcMessage, JsonRpcRequest, JsonRpcResponse, McpApplication } from '@mcp/protocol'
import t from 'tap'
import { acceptNotification, acceptRequest, acceptResponse } from '../src/accepted-message.ts'
import { sdkApplication } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { call, enveloped, exchange, MODERN, notification, open, request, TestSession, text } from './helper.ts'
import type { Probe } from './servers.ts'
import { serverV1, serverV2 } from './servers.ts'

const TASK = 'io.modelcontextprotocol/related-task'
const METAS: ReadonlyArray<readonly [meta: unknown, fault: RegExp | null, kept?: unknown]> = [
  [undefined, null], [null, null], [{}, null, {}], [{ mine: 1 }, null, { mine: 1 }],
  [[], /_meta must be an object/], ['text', /_meta must be an object/], [7, /_meta must be an object/],
  [{ progressToken: 'a' }, null, { progressToken: 'a' }], [{ progressToken: 0 }, null, { progressToken: 0 }], [{ progressToken: null, mine: 1 }, null, { mine: 1 }],
  [{ progressToken: 1.5 }, /progressToken must be/], [{ progressToken: {} }, /progressToken must be/], [{ progressToken: true }, /progressToken must be/],
  [{ progressToken: 2 ** 60 }, /progressToken must be/],
  [{ [TASK]: { taskId: 't' } }, null, { [TASK]: { taskId: 't' } }], [{ [TASK]: null }, null, {}], [{ [TASK]: {} }, /taskId/], [{ [TASK]: 't' }, /taskId/]
]

t.test('each kind of `_meta` is passed on, mended or rejected', async t => {
  for (const [meta, fault, kept] of METAS) {
    const params = { name: 'echo', _meta: meta }
    const accepted = acceptRequest(request('tools/call', params))
    if (fault === null) t.match(accepted, { message: { params: { name: 'echo', ...(kept === undefined ? {} : { _meta: kept }) } } }, JSON.stringify(meta))
    else t.match(accepted, { fault }, JSON.stringify(meta))
    const told = acceptNotification(notification('notifications/x', params)).params
    t.strictSame(told?.name, 'echo')
    if (fault === null) t.strictSame(told?._meta ?? {}, kept ?? {})
  }
})

t.test('a message without a fault is passed on as it is', async t => {
  const plain = request('tools/call', { name: 'echo', _meta: { progressToken: 1 } })
  const accepted = acceptRequest(plain)
  t.ok('message' in accepted && accepted.message === plain)
})

t.test('members that JSON-RPC does not name are left out', async t => {
  t.strictSame(acceptRequest({ ...request('ping'), trace: 'x' } as JsonRpcRequest), { message: request('ping') })
  const result = { jsonrpc: '2.0', id: 1, result: { action: 'accept', _meta: null }, trace: 'x' } as unknown as JsonRpcResponse
  t.strictSame(acceptResponse(result), { jsonrpc: '2.0', id: 1, result: { action: 'accept' } })
  const error = { jsonrpc: '2.0', id: null, error: { code: 1, message: 'no' }, trace: 'x' } as unknown as JsonRpcResponse
  t.strictSame(acceptResponse(error), { jsonrpc: '2.0', error: { code: 1, message: 'no' } })
})

const errors: unknown[] = []
const onError = (error: unknown): void => { errors.push(error) }
const generations: ReadonlyArray<readonly [name: string, make: (probe?: Probe) => McpApplication, modern: boolean]> = [
  ['SDK 1.x', probe => sdkV1Application(() => serverV1(probe), { onError }), false],
  ['SDK 2.x', probe => sdkApplication(() => serverV2(probe), { onError }), true],
  ['SDK 2.x, reused', probe => sdkApplication(() => serverV2(probe), { onError, reuse: 'principal' }), true]
]

for (const [name, make, modern] of generations) {
  t.test(`A-8: ${name}: every request that the SDK's parsers would drop is answered`, async t => {
    const application = make()
    t.teardown(() => application.close?.())
    const session = await open(application)
    for (const [meta, fault] of METAS) {
      const message = { ...request('tools/call', { name: 'echo', arguments: { text: 'x' }, _meta: meta }), trace: 'x' }
      for (const [where, options] of [['in a session', { session }], ['without a session', { revision: '2025-06-18' as const }]] as const) {
        const made = await exchange(application, message, options)
        if (fault === null) t.equal(text(await made.result()), 'x', `${JSON.stringify(meta)} ${where}`)
        else t.match(await made.error(), { code: -32602, message: fault }, `${JSON.stringify(meta)} ${where}`)
      }
    }
    if (!modern) return
    const message = { ...enveloped(call('echo', { text: 'x' }), { progressToken: null }), trace: 'x' }
    t.equal(text(await (await exchange(application, message, { revision: MODERN })).result()), 'x')
    const bad = enveloped(call('echo', { text: 'x' }), { progressToken: 1.5 })
    t.match(await (await exchange(application, bad, { revision: MODERN })).error(), { code: -32602, message: /progressToken/ })
  })

  t.test(`A-37: ${name}: the client's answer to an elicitation arrives with whatever else stands in it`, async t => {
    const application = make()
    t.teardown(() => application.close?.())
    const session = await open(application, new TestSession())
    for (const extra of [{ trace: 'x' }, { result: { action: 'accept', content: { name: 'Ann' }, _meta: null } }, { result: { action: 'accept', content: { name: 'Ann' }, _meta: 'x' } }]) {
      const asking = await exchange(application, call('elicit'), { session })
      const { id } = await asking.asked()
      const answer = { jsonrpc: '2.0', id, result: { action: 'accept', content: { name: 'Ann' } }, ...extra } as JsonRpcMessage
      await exchange(application, answer, { session })
      t.match(text(await asking.result()), /Ann/, JSON.stringify(extra))
    }
  })
}

t.test('what the SDK does not accept for a reason of its own is answered, and reported', async t => {
  for (const [name, make] of generations) {
    const application = make()
    t.teardown(() => application.close?.())
    const session = await open(application)
    errors.length = 0
    // The endpoint lets no such id pass; this stands for a parser that becomes stricter.
    const made = await exchange(application, { jsonrpc: '2.0', id: 1.5 as number, method: 'ping' }, { session })
    t.match(await made.error(), { code: -32602 }, name)
    t.match(errors, [{ code: 'MCP_SDK_MESSAGE_REJECTED', message: /ping/ }], name)
  }
})

t.test('the error handler of a server stays where its author put it', async t => {
  const seen: string[] = []
  const own = (error: Error): void => { seen.push(error.message) }
  const server = serverV2()
  server.server.onerror = own
  const application = sdkApplication(() => server, { onError })
  t.teardown(() => application.close?.())
  const session = await open(application)
  await (await exchange(application, { jsonrpc: '2.0', id: 1.5 as number, method: 'ping' }, { session })).error()
  t.equal(seen.length, 1)
  t.equal(server.server.onerror, own)
})
