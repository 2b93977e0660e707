import t from 'tap'
import { pretty, summary } from '../../src/wire/summary.ts'

t.test('one line about each kind of message', async t => {
  const table: Array<[message: unknown, line: string]> = [
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' } }, 'tools/call echo (id 1)'],
    [{ jsonrpc: '2.0', id: 'a', method: 'tools/list' }, 'tools/list (id a)'],
    [{ jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: 'test://a' } }, 'resources/read test://a (id 2)'],
    [{ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 3, total: 8 } }, 'notifications/progress 3 of 8'],
    [{ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 3 } }, 'notifications/progress 3'],
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }, 'notifications/initialized'],
    [{ jsonrpc: '2.0', id: 1, result: {} }, 'result (id 1)'],
    [{ jsonrpc: '2.0', id: 1, result: { resultType: 'input_required' } }, 'result asks for input (id 1)'],
    [{ jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no' } }, 'error -32601 (id 1)'],
    [{ jsonrpc: '2.0', error: { code: -32600, message: 'no' } }, 'error -32600'],
    [[1, 2], 'batch of 2'],
    [{ a: 1 }, 'JSON']
  ]
  for (const [message, line] of table) t.equal(summary(JSON.stringify(message)), line)
  t.equal(summary('not JSON'), 'not JSON')
})

t.test('details are laid out, and bounded', async t => {
  t.equal(pretty('{"a":1}'), '{\n  "a": 1\n}')
  t.equal(pretty('plain'), 'plain')
  t.equal(pretty(JSON.stringify('x'.repeat(50_000))).length, 20_001)
})
