import t from 'tap'
import {
  isErrorResponse, isNotification, isRequest, isRequestId, isResponseMessage, MAX_ID_LENGTH, messageKind, readableId, type JsonRpcMessage
} from '../src/index.ts'

const V = { jsonrpc: '2.0' }
const ERROR = { code: -32600, message: 'no' }

const kinds: ReadonlyArray<readonly [value: unknown, kind: string | null]> = [
  [{ ...V, id: 1, method: 'm' }, 'request'],
  [{ ...V, id: 'a', method: 'm', params: {} }, 'request'],
  [{ ...V, id: 1, method: '' }, 'request'],
  [{ ...V, method: 'm' }, 'notification'],
  [{ ...V, method: 'm', params: { x: 1 } }, 'notification'],
  [{ ...V, id: null, method: 'm' }, null],
  [{ ...V, id: 1.5, method: 'm' }, null],
  [{ ...V, id: [], method: 'm' }, null],
  [{ ...V, id: 1, method: 5 }, null],
  [{ ...V, id: 1, method: null }, null],
  [{ ...V, id: 1, method: 'm', params: [] }, null],
  [{ ...V, id: 1, method: 'm', params: null }, null],
  [{ ...V, id: 1, method: 'm', result: {} }, null],
  [{ ...V, method: 'm', error: ERROR }, null],
  [{ ...V, id: 1, result: {} }, 'response'],
  [{ ...V, id: 1, result: 'x' }, null],
  [{ ...V, id: 1, result: null }, null],
  [{ ...V, result: {} }, null],
  [{ ...V, id: null, result: {} }, null],
  [{ ...V, id: 1, result: {}, error: ERROR }, null],
  [{ ...V, id: 1, error: ERROR }, 'response'],
  [{ ...V, id: null, error: ERROR }, 'response'],
  [{ ...V, error: ERROR }, 'response'],
  [{ ...V, id: true, error: ERROR }, null],
  [{ ...V, id: 1, error: { code: 1.5, message: 'x' } }, null],
  [{ ...V, id: 1, error: { code: 1 } }, null],
  [{ ...V, id: 1, error: 'x' }, null],
  [{ jsonrpc: '1.0', id: 1, method: 'm' }, null],
  [{ jsonrpc: 2, id: 1, method: 'm' }, null],
  [{ id: 1, method: 'm' }, null],
  [{ ...V, id: 1 }, null],
  [{ ...V }, null],
  [[], null],
  [[{ ...V, method: 'm' }], null],
  ['m', null],
  [5, null],
  [null, null],
  [undefined, null]
]

t.test('A-1 A-2 A-7 A-8: what kind of message a value is', async t => {
  for (const [value, kind] of kinds) t.equal(messageKind(value), kind, JSON.stringify(value) ?? 'undefined')
})

t.test('A-39: a message whose kind sits in its prototype is none', async t => {
  t.equal(messageKind(JSON.parse('{"jsonrpc":"2.0","__proto__":{"method":"m","id":1}}')), null)
})

t.test('A-2: ids are short strings and safe integers', async t => {
  for (const id of ['', 'a', 0, -1, Number.MAX_SAFE_INTEGER, 'x'.repeat(MAX_ID_LENGTH)]) t.ok(isRequestId(id))
  for (const id of [null, undefined, true, 0.5, 2 ** 53, NaN, Infinity, {}, [], 'x'.repeat(MAX_ID_LENGTH + 1)]) t.notOk(isRequestId(id))
})

t.test('A-7 A-40: an id is echoed where it can be read', async t => {
  t.equal(readableId({ id: 'a', method: 5 }), 'a')
  t.equal(readableId({ id: 0 }), 0)
  for (const value of [{ id: null }, { id: {} }, {}, [{ id: 1 }], 'id', null, undefined]) t.equal(readableId(value), undefined)
})

t.test('every message is of one kind', async t => {
  for (const [value, kind] of kinds) {
    if (kind === null) continue
    const message = value as JsonRpcMessage
    t.same([isRequest(message), isNotification(message), isResponseMessage(message)], [
      kind === 'request', kind === 'notification', kind === 'response'
    ])
    t.equal(isErrorResponse(message), kind === 'response' && Object.hasOwn(message, 'error'))
  }
})
