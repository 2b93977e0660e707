import t from 'tap'
import { compare, limit, notMeasured } from '../src/outcome.ts'

const rounds = new Map([['ours', [2, 4, 6]], ['bare', [4, 4, 4]]])
const [ours, yardstick] = [{ name: 'ours' }, { name: 'bare' }]

t.test('a comparison is a ratio, met or not', async t => {
  const row = compare(rounds, { work: 'w', ours, yardstick, target: { atLeast: 1 }, value: Number })
  t.match(row, { measured: { median: 1, lowest: 0.5, highest: 1.5 }, unit: '×', met: true, missing: null })
  t.equal(compare(rounds, { work: 'w', ours, yardstick, target: { atMost: 0.9 }, value: Number }).met, false)
  t.equal(compare(rounds, { work: 'w', ours, yardstick, target: null, value: Number }).met, null)
})

t.test('a limit is a figure of its own', async t => {
  const row = limit(rounds, { work: 'w', ours, yardstick: 'wire: 1 ms', unit: 'ms', target: { atMost: 5 }, value: Number })
  t.match(row, { yardstick: 'wire: 1 ms', measured: { median: 4, lowest: 2, highest: 6 }, unit: 'ms', met: true })
  t.equal(limit(rounds, { work: 'w', ours, yardstick: '', unit: 'ms', target: { atMost: 3 }, value: Number }).met, false)
})

t.test('what was not measured is neither met nor missed', async t => {
  const row = notMeasured({ work: 'w', ours, yardstick, target: { atLeast: 1 }, value: Number }, 'install it')
  t.match(row, { measured: null, met: null, missing: 'install it' })
})
