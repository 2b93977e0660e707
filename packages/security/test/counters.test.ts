import t from 'tap'
import { MemoryCounters } from '../src/counters.ts'

t.test('H-11 counts start anew when their window is over', async t => {
  let now = 1000
  const counters = new MemoryCounters(10, () => now)
  t.same(counters.hit('a', 100), { count: 1, leftMs: 100 })
  now += 40
  t.same(counters.hit('a', 100), { count: 2, leftMs: 60 })
  t.same(counters.hit('b', 100), { count: 1, leftMs: 100 }, 'keys do not meet')
  now += 60
  t.same(counters.hit('a', 100), { count: 1, leftMs: 100 })
})

t.test('H-11 memory is bounded: callers from a million addresses cost as much as a few', async t => {
  const counters = new MemoryCounters(100)
  counters.hit('busy', 60_000)
  for (let i = 0; i < 10_000; i++) {
    counters.hit(`address ${i}`, 60_000)
    if (i % 50 === 0) counters.hit('busy', 60_000)
  }
  t.equal(counters.size, 100)
  t.equal(counters.hit('busy', 60_000).count, 202, 'who is forgotten is who was quiet for longest')
})
