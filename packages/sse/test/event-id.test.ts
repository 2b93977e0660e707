import t from 'tap'
import { formatEventId, parseEventId } from '../src/index.ts'

t.test('C-22 C-23: an event id names its stream and the place in it', async t => {
  for (const id of [{ stream: 'standalone', position: 0 }, { stream: 'a1-b2', position: 9_007_199_254_740_991 }]) {
    t.same(parseEventId(formatEventId(id.stream, id.position)), id)
  }
  t.equal(formatEventId('s', 12), 's_12')
})

t.test('C-22: two events that name one place have ids of their own', async t => {
  t.equal(formatEventId('s', 12, 'a-1'), 's_12_a-1')
  t.same(parseEventId('s_12_a-1'), { stream: 's', position: 12 })
})

t.test('C-26: what was never given out is no event id', async t => {
  const never = [
    '', '_', 's', 's_', '_1', 's_01', 's_-1', 's_1.5', 's_1e3', 's_ 1', 's_1\n', 's_1, s_2', 's s_1', 'é_1', 's_12345678901234567', 's__1', 's_1_', 's_1_2_3', 's_1_é',
    `${'s'.repeat(97)}_1`, `s_${'1'.repeat(200)}`, '../x_1', 's\0_1'
  ]
  for (const value of never) t.equal(parseEventId(value), null, JSON.stringify(value))
})
