import t from 'tap'
import { acceptable, essence, namesBoth } from '../src/index.ts'

t.test('A-31: the essence of a media type', async t => {
  t.equal(essence('application/json'), 'application/json')
  t.equal(essence('  Application/JSON ; charset="utf-8"'), 'application/json')
  t.equal(essence('text/plain; x=application/json'), 'text/plain')
  for (const none of [undefined, '', ';charset=utf-8', 'application/json, text/plain', 'application/json,application/json']) {
    t.equal(essence(none), null, String(none))
  }
})

const BOTH = 'json stream'

const rows: ReadonlyArray<readonly [accept: string | undefined, taken: string]> = [
  [undefined, BOTH],
  ['', BOTH],
  ['*/*', BOTH],
  ['application/*, text/*', BOTH],
  ['application/json, text/event-stream', BOTH],
  ['text/event-stream,application/json;q=0.1', BOTH],
  ['APPLICATION/JSON , Text/Event-Stream', BOTH],
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['text/event-stream', 'stream'],
  ['text/*', 'stream'],
  ['text/html', ''],
  ['application/xml, image/*', ''],
  ['*/*;q=0', ''],
  ['application/json;q=0, */*', 'stream'],
  ['*/*, text/event-stream; q=0', 'json'],
  ['*/*, text/event-stream; Q=0.0', 'json'],
  ['text/*;q=0, text/event-stream', 'stream'],
  ['text/*;q=0, */*', 'json'],
  ['application/json; charset=utf-8; q=0.5', 'json'],
  ['application/json; q=high', 'json'],
  [',,,', ''],
  ['text/event-stream-x, xapplication/json', '']
]

t.test('A-30: what a sender takes, wildcards and q=0 included', async t => {
  for (const round of ['read', 'remembered']) {
    for (const [accept, taken] of rows) {
      const { json, stream } = acceptable(accept)
      t.equal([json && 'json', stream && 'stream'].filter(Boolean).join(' '), taken, `${accept} (${round})`)
    }
  }
})

t.test('A-30: senders with ever new values change nothing for others', async t => {
  for (let i = 0; i < 200; i++) acceptable(`text/x${i}`)
  t.same(acceptable(`text/html;x=${'y'.repeat(10_000)}, text/event-stream`), { json: false, stream: true })
  t.same(acceptable('application/json'), { json: true, stream: false })
})

t.test('A-29: whether both are named literally', async t => {
  t.ok(namesBoth('text/event-stream, application/json'))
  t.ok(namesBoth('application/json;q=0.9, text/event-stream;q=0.1'))
  for (const accept of [undefined, '', '*/*', 'application/json', 'application/json, text/*', 'application/json, text/event-stream;q=0']) {
    t.notOk(namesBoth(accept), String(accept))
  }
})
