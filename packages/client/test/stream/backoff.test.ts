import t from 'tap'
import { Backoff, RECONNECT, retryAfterMs } from '../../src/stream/backoff.ts'
import { SeenIds } from '../../src/stream/seen-ids.ts'

t.test('row 8: waits double up to a limit, jitter, and end with the budget', t => {
  const backoff = new Backoff({ ...RECONNECT, initialMs: 100, maxMs: 1_000, attempts: 6 })
  const limits = [100, 200, 400, 800, 1_000, 1_000]
  for (const limit of limits) {
    const wait = backoff.next() ?? NaN
    t.ok(wait >= limit / 2 && wait <= limit, `${wait} of ${limit}`)
  }
  t.equal(backoff.next(), undefined)
  backoff.refund()
  t.ok(backoff.next() !== undefined)
  t.equal(backoff.next(), undefined)
  backoff.reset()
  t.ok((backoff.next() ?? NaN) <= 100)
  const waits = new Set(Array.from({ length: 20 }, () => new Backoff(RECONNECT).next()))
  t.ok(waits.size > 15, 'clients do not come back all at once')
  t.end()
})

t.test('I-14: what the server asks for decides the first wait, is the least later on, and is capped', t => {
  const backoff = new Backoff({ ...RECONNECT, initialMs: 100, maxMs: 1_000, attempts: 10 })
  const first = backoff.next(500) ?? NaN
  t.ok(first >= 500 && first <= 550, String(first))
  const backoff2 = new Backoff({ ...RECONNECT, initialMs: 100, maxMs: 1_000, attempts: 10 })
  t.ok((backoff2.next(0) ?? NaN) >= 10, 'no busy loop')
  for (let n = 0; n < 5; n++) backoff2.next(0)
  t.ok((backoff2.next(0) ?? NaN) >= 500)
  const absurd = new Backoff({ ...RECONNECT, maxMs: 1_000 }).next(10 ** 12) ?? NaN
  t.ok(absurd <= 1_100)
  t.end()
})

t.test('I-26: Retry-After in both forms', t => {
  const now = Date.parse('Fri, 20 Nov 2026 12:00:00 GMT')
  t.equal(retryAfterMs('120', now), 120_000)
  t.equal(retryAfterMs('Fri, 20 Nov 2026 12:00:30 GMT', now), 30_000)
  t.equal(retryAfterMs('Fri, 20 Nov 2020 12:00:30 GMT', now), 0)
  t.equal(retryAfterMs('soon', now), undefined)
  t.equal(retryAfterMs(undefined, now), undefined)
  t.end()
})

t.test('ids are remembered, and forgotten, in order', t => {
  const seen = new SeenIds(2)
  t.strictSame(['a', 'b', 'a', 'c', 'b', 'a'].map(id => seen.add(id)), [true, true, false, true, false, true])
  t.end()
})
