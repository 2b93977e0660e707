import t from 'tap'
import { isComplete, messageOf, statusOf } from '../../src/load/reply.ts'

const MESSAGE = '{"jsonrpc":"2.0","id":1,"result":{}}'
const PLAIN = `HTTP/1.1 200 OK\r\nContent-Length: ${MESSAGE.length}\r\ncontent-type: application/json\r\n\r\n${MESSAGE}`
const CHUNKED = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n' +
  `3\r\n:\n\n\r\n2c\r\ndata: ${MESSAGE}\n\n\r\n0\r\n\r\n`

t.test('a reply is complete at its last byte and not before', async t => {
  for (const reply of [PLAIN, CHUNKED]) {
    for (let length = 0; length < reply.length; length++) t.notOk(isComplete(reply.slice(0, length)), `${length} bytes`)
    t.ok(isComplete(reply))
  }
})

t.test('the message of a reply is read from a body or from its one event', async t => {
  t.same(messageOf(PLAIN), { jsonrpc: '2.0', id: 1, result: {} })
  t.same(messageOf(CHUNKED), { jsonrpc: '2.0', id: 1, result: {} })
  t.equal(statusOf(PLAIN), 200)
})

t.test('a reply of unknown length is refused', async t => {
  t.throws(() => isComplete('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'), /unknown length/)
})
