import t from 'tap'
import { nodeChannel, parseForwarded, parseNews, sessionChannel, type SessionNews } from '../src/channel.ts'

t.test('what a node says, another one understands', async t => {
  const news: SessionNews[] = [
    { kind: 'stored', stream: 's' },
    { kind: 'taken', stream: 's', by: 'a' },
    { kind: 'released', stream: 's', retryMs: 5 },
    { kind: 'released', stream: 's', retryMs: undefined },
    { kind: 'cancelled', requestId: 1, reason: 'r' },
    { kind: 'cancelled', requestId: '1', reason: undefined },
    { kind: 'ended', reason: 'r' }
  ]
  for (const one of news) t.strictSame(parseNews(JSON.stringify(one)), one)
  const forwarded = { session: 's', response: { jsonrpc: '2.0', id: 'a.1', result: {} } }
  t.strictSame(parseForwarded(JSON.stringify(forwarded)), forwarded)
})

t.test('garbage is ignored', async t => {
  const garbage = [
    '', 'x', '{', 'null', '5', '"stored"', '[]', '{}', '{"kind":"unknown"}', '{"kind":"stored"}', '{"kind":"stored","stream":5}',
    '{"kind":"taken","stream":"s"}', '{"kind":"taken","by":"a"}', '{"kind":"released"}', '{"kind":"cancelled"}',
    '{"kind":"cancelled","requestId":null}', '{"kind":"cancelled","requestId":1.5}', '{"kind":"__proto__"}'
  ]
  for (const text of garbage) t.equal(parseNews(text), null, text)
  for (const text of [...garbage, '{"session":"s"}', '{"session":"s","response":"x"}', '{"session":1,"response":{}}', '{"response":{}}']) {
    t.equal(parseForwarded(text), null, text)
  }
})

t.test('parts of another shape are left out', async t => {
  t.strictSame(parseNews('{"kind":"cancelled","requestId":1,"reason":{}}'), { kind: 'cancelled', requestId: 1, reason: undefined })
  t.strictSame(parseNews('{"kind":"released","stream":"s","retryMs":"5"}'), { kind: 'released', stream: 's', retryMs: undefined })
  t.strictSame(parseNews('{"kind":"ended"}'), { kind: 'ended', reason: 'undefined' })
})

t.test('H-17: sessions and nodes have channels of their own', async t => {
  t.not(sessionChannel('x'), nodeChannel('x'))
  t.not(sessionChannel('x'), sessionChannel('y'))
})
