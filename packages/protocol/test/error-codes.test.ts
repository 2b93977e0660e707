import t from 'tap'
import { ErrorCode, errorResponse, modernErrorStatus } from '../src/index.ts'

t.test('A-8 A-9 A-10 A-11: the codes of the wire, and no others', async t => {
  t.same(Object.values(ErrorCode).toSorted((a, b) => a - b), [-32700, -32603, -32602, -32601, -32600, -32022, -32021, -32020])
})

t.test('A-7: an error names its id where it is known, and leaves the key out elsewhere', async t => {
  t.equal(JSON.stringify(errorResponse(undefined, -32700, 'm')), '{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}}')
  t.equal(JSON.stringify(errorResponse(0, -32600, 'm')), '{"jsonrpc":"2.0","id":0,"error":{"code":-32600,"message":"m"}}')
  t.equal(JSON.stringify(errorResponse('', -32022, 'm', { a: 1 })), '{"jsonrpc":"2.0","id":"","error":{"code":-32022,"message":"m","data":{"a":1}}}')
})

t.test('E-27 E-28 E-29 E-30: the status of an error before a stream is committed', async t => {
  const statuses = {
    400: [-32700, -32600, -32602, -32020, -32021, -32022],
    404: [-32601],
    200: [-32603, -32000, -32002, -1, 0, 42, -31999]
  }
  for (const [status, codes] of Object.entries(statuses)) {
    for (const code of codes) t.equal(modernErrorStatus(code), Number(status), String(code))
  }
})
