import t from 'tap'
import type { NodeStatus } from '../../src/contract.d.ts'
import { ranked, ratesBetween } from '../../src/node/rates.ts'

function status (at: number, total: number, written: number, replayed = 0): NodeStatus {
  return {
    at,
    uptimeMs: at,
    draining: false,
    memory: { rss: 0, heapUsed: 0 },
    traffic: {
      sessions: 0,
      storedSessions: null,
      streams: { open: 0, byKind: {} },
      requests: { total, inFlight: 0, byOutcome: {}, byMethod: {} },
      refusals: {},
      events: { written, replayed },
      detached: 0
    }
  }
}

t.test('throughput is what came between, per second', async t => {
  t.strictSame(ratesBetween(status(1_000, 10, 100), status(3_000, 30, 160)), { requests: 10, events: 30 })
  t.strictSame(ratesBetween(status(0, 0, 0), status(500, 0, 0)), { requests: 0, events: 0 })
})

t.test('a node that started anew, or is looked at twice at once, has none', async t => {
  t.equal(ratesBetween(status(1_000, 10, 100), status(2_000, 3, 100)), null)
  t.equal(ratesBetween(status(1_000, 10, 100), status(2_000, 10, 7)), null)
  t.equal(ratesBetween(status(1_000, 10, 100), status(1_000, 10, 100)), null)
})

t.test('the largest count comes first, none is left out but zero', async t => {
  t.strictSame(ranked({ b: 1, a: 1, c: 5, d: 0 }), [['c', 5], ['a', 1], ['b', 1]])
})
