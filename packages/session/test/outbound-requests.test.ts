import t from 'tap'
import type { JsonRpcMessage, JsonRpcResponse, RequestId } from '@mcp/protocol'
import { OutboundRequests } from '../src/index.ts'
import { nodeOf } from '../src/outbound-requests.ts'
import { note, ping } from './helper.ts'

function waiter () {
  const heard: JsonRpcResponse[] = []
  return { heard, respond: (response: JsonRpcResponse) => { heard.push(response) } }
}

const wireId = (message: JsonRpcMessage): RequestId => 'id' in message && message.id != null ? message.id : ''
const result = (id: RequestId): JsonRpcResponse => ({ jsonrpc: '2.0', id, result: { ok: true } })
const cancelled = (requestId: unknown): JsonRpcMessage => ({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'r' } })

t.test('an id is rewritten on the way out and restored on the way in', async t => {
  const requests = new OutboundRequests('abc')
  for (const id of [1, '1', 'x y', 0, '']) {
    const one = waiter()
    const sent = requests.rewrite('s', { jsonrpc: '2.0', id, method: 'roots/list', params: { a: 1 } }, one)
    t.match(sent, { jsonrpc: '2.0', id: /^abc\.[0-9a-z]+$/, method: 'roots/list', params: { a: 1 } })
    t.equal(requests.resolve('s', result(wireId(sent))), true)
    t.strictSame(one.heard, [result(id)], `A-5: ${JSON.stringify(id)} comes back with its type`)
  }
  t.equal(requests.size, 0)
})

t.test('the message of the application stays as it is', async t => {
  const message = ping(1)
  new OutboundRequests('abc').rewrite('s', message, waiter())
  t.same(message, ping(1))
})

t.test('A-4 I-20: equal ids of several waiters do not meet', async t => {
  const requests = new OutboundRequests('abc')
  const [one, two] = [waiter(), waiter()]
  const ids = [one, two].map(waiter => wireId(requests.rewrite('s', ping(1), waiter)))
  t.not(ids[0], ids[1])
  requests.resolve('s', result(ids[1] ?? ''))
  t.same([one.heard, two.heard], [[], [result(1)]])
  requests.resolve('s', result(ids[0] ?? ''))
  t.same(one.heard, [result(1)])
})

t.test('H-17: a response of another session is nobody\'s', async t => {
  const requests = new OutboundRequests('abc')
  const one = waiter()
  const id = wireId(requests.rewrite('mine', ping(1), one))
  t.equal(requests.resolve('yours', result(id)), false)
  t.same(one.heard, [])
  t.equal(requests.resolve('mine', result(id)), true)
})

t.test('A-37: what nobody waits for is dropped', async t => {
  const requests = new OutboundRequests('abc')
  const one = waiter()
  const id = wireId(requests.rewrite('s', ping(1), one))
  for (const unknown of [1, 'abc.zzz', 'x', '', '__proto__']) t.equal(requests.resolve('s', result(unknown)), false)
  t.equal(requests.resolve('s', { jsonrpc: '2.0', error: { code: 1, message: 'x' } }), false)
  t.equal(requests.resolve('s', { jsonrpc: '2.0', id: null, error: { code: 1, message: 'x' } }), false)
  t.equal(requests.resolve('s', { jsonrpc: '2.0', id, error: { code: 1, message: 'x' } }), true, 'errors answer, too')
  t.equal(requests.resolve('s', result(id)), false, 'and only once')
  t.same(one.heard, [{ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }])
})

t.test('A-57: the cancellation of a request names it as the client knows it', async t => {
  const requests = new OutboundRequests('abc')
  const [one, two] = [waiter(), waiter()]
  const id = wireId(requests.rewrite('s', ping(1), one))
  const others = wireId(requests.rewrite('s', ping(1), two))
  t.same(requests.rewrite('s', cancelled(1), one), cancelled(id))
  t.equal(requests.resolve('s', result(id)), false, 'a late response is dropped')
  t.equal(requests.resolve('s', result(others)), true, 'that of its twin is not')
})

t.test('other messages pass untouched', async t => {
  const requests = new OutboundRequests('abc')
  const messages: JsonRpcMessage[] = [
    note(1), result(1), cancelled(9), cancelled(null), cancelled({}), { jsonrpc: '2.0', method: 'notifications/cancelled' }
  ]
  for (const message of messages) t.equal(requests.rewrite('s', message, waiter()), message)
  t.equal(requests.size, 0)
})

t.test('D-10: whoever is gone waits for nothing', async t => {
  const requests = new OutboundRequests('abc')
  const [one, two] = [waiter(), waiter()]
  const ids = [requests.rewrite('s', ping(1), one), requests.rewrite('s', ping(2), one)].map(wireId)
  const other = wireId(requests.rewrite('s', ping(1), two))
  const elsewhere = wireId(requests.rewrite('r', ping(1), two))
  requests.forgetWaiter(one)
  t.same(ids.map(id => requests.resolve('s', result(id))), [false, false])
  requests.forgetWaiter(one)
  requests.forgetSession('s')
  t.equal(requests.resolve('s', result(other)), false)
  t.equal(requests.resolve('r', result(elsewhere)), true)
  t.equal(requests.size, 0)
})

t.test('a wire id names its node', async t => {
  t.equal(nodeOf(wireId(new OutboundRequests('a1-b').rewrite('s', ping(1), waiter()))), 'a1-b')
  for (const id of [1, null, undefined, '', 'a', 'a.', '.1', 'a.b.c', 'a.B', 'é.1', 'session:x.1']) t.equal(nodeOf(id), null, String(id))
})
