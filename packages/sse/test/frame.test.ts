import t from 'tap'
import { eventFrame, KEEP_ALIVE, messageFrame, primingFrame, retryFrame } from '../src/index.ts'
import { parseEvents } from './helper.ts'

t.test('C-1: one message is one event', async t => {
  t.equal(messageFrame('{"a":1}'), 'data: {"a":1}\n\n')
  t.equal(messageFrame('{"a":1}', 's_1'), 'id: s_1\ndata: {"a":1}\n\n')
})

t.test('C-7: a message never breaks its line, whatever it holds', async t => {
  for (let code = 0; code <= 0xffff; code++) {
    const text = 'a' + String.fromCharCode(code) + 'b'
    const frame = messageFrame(JSON.stringify({ text }), 's_1')
    const intact = frame.split(/\r\n|\r|\n/).length === 4 && JSON.parse(parseEvents(frame)[0]?.data ?? '').text === text
    if (!intact) t.fail(`U+${code.toString(16)}`)
  }
  t.pass('two lines and an end')
})

t.test('C-7: U+2028 and U+2029 stay as they are', async t => {
  t.match(messageFrame(JSON.stringify('a\u2028b\u2029c')), 'a\u2028b\u2029c')
})

t.test('C-3: a keep-alive is a comment and no event', async t => {
  t.equal(KEEP_ALIVE, ':\n\n')
  t.same(parseEvents(KEEP_ALIVE), [])
})

t.test('C-14 C-15: priming tells position and delay, and holds no data', async t => {
  t.equal(primingFrame('s_0', 500), 'id: s_0\nretry: 500\ndata:\n\n')
  t.equal(retryFrame(500), 'retry: 500\n\n')
})

t.test('C-1: any event, with data of several lines', async t => {
  t.equal(eventFrame({ data: 'x' }), 'data: x\n\n')
  t.equal(eventFrame({ event: 'endpoint', id: '1', retryMs: 10.7, data: 'a\nb\rc\r\nd' }),
    'event: endpoint\nid: 1\nretry: 10\ndata: a\ndata: b\ndata: c\ndata: d\n\n')
  t.equal(eventFrame({ data: '' }), 'data: \n\n')
})

t.test('C-23: CR, LF and NUL in id or event are refused', async t => {
  for (const bad of ['a\nb', 'a\r', '\0', 'a\r\ndata: forged']) {
    t.throws(() => eventFrame({ id: bad, data: '' }), { code: 'MCP_SSE_BAD_FIELD', message: /^The id of an event must not contain/ })
    t.throws(() => eventFrame({ event: bad, data: '' }), { code: 'MCP_SSE_BAD_FIELD', message: /^The event of an event/ })
  }
})
