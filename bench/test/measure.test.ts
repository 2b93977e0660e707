import t from 'tap'
import { medianOf, ratio, takeTurns } from '../src/measure.ts'

t.test('contestants take turns, every other round backwards', async t => {
  const order: string[] = []
  const rounds = await takeTurns(['a', 'b'], 3, async name => order.push(name))
  t.same(order, ['a', 'b', 'b', 'a', 'a', 'b'])
  t.same([...rounds], [['a', [1, 4, 5]], ['b', [2, 3, 6]]])
})

t.test('a ratio is the median of the rounds, not the ratio of the medians', async t => {
  const rounds = new Map([['ours', [10, 50, 90]], ['bare', [100, 100, 100]]])
  t.same(ratio(rounds, 'ours', 'bare', Number), { median: 0.5, lowest: 0.1, highest: 0.9 })
  const drifting = new Map([['ours', [10, 20, 400]], ['bare', [10, 40, 400]]])
  t.equal(ratio(drifting, 'ours', 'bare', Number).median, 1)
})

t.test('the median of an even number of samples lies between the middle two', async t => {
  t.equal(medianOf(new Map([['a', [4, 1, 3, 2]]]), 'a', Number), 2.5)
})

t.test('what was not measured cannot be compared', async t => {
  t.throws(() => ratio(new Map([['a', [1]]]), 'a', 'b', Number), /b was not measured/)
  t.throws(() => ratio(new Map([['a', [1, 2]], ['b', [1]]]), 'a', 'b', Number), /b missed round 2/)
})
