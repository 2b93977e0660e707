import t from 'tap'
import { describeMachine } from '../src/machine.ts'
import { limit, notMeasured } from '../src/outcome.ts'
import type { Row } from '../src/outcome.ts'
import { merged, missed, toMarkdown, unmeasured } from '../src/report.ts'

const runOf = (...rows: readonly Row[]) => ({
  date: '2026-01-01T00:00:00.000Z', machine: describeMachine(), pinning: 'not pinned', outcomes: [{ title: 'w', rows, figures: [], samples: {} }]
})
const absent = notMeasured({ work: 'w', ours: { name: 'Redis' }, yardstick: { name: 'memory' }, target: { atLeast: 0.4 }, value: Number }, 'install redis-server')
const slow = limit(new Map([['SQLite', [600]]]), {
  work: 'w', ours: { name: 'SQLite' }, yardstick: 'wire: 20.0 ms', unit: 'ms', target: { atMost: 500 }, value: Number
})

t.test('a row that could not be measured says what it needs, and is told from a miss', async t => {
  const run = runOf(absent, slow)
  t.match(toMarkdown(run), /\| Redis +\| memory +\| +\| +\| ≥ 0\.4 × +\| \*\*not measured: install redis-server\*\* \|/)
  t.same(missed(run), [slow])
  t.same(unmeasured(run), [absent])
})

t.test('figures with a unit are written with it', async t => {
  t.match(toMarkdown(runOf(slow)), /\| wire: 20\.0 ms +\| 600\.0 ms +\| 600\.0 … 600\.0 +\| ≤ 500 ms +\| \*\*not met\*\* \|/)
})

t.test('what was measured alone says when; the rest keeps its date', async t => {
  const [old, rest] = [{ title: 'again', rows: [slow], figures: [], samples: {} }, { title: 'rest', rows: [slow], figures: [], samples: {} }]
  const earlier = { ...runOf(), outcomes: [old, rest] }
  const again = { ...runOf(), date: '2026-02-02T00:00:00.000Z', outcomes: [old] }
  const run = merged(earlier, again)
  t.equal(run.date, earlier.date)
  t.strictSame(run.outcomes.map(({ title, taken }) => [title, taken?.slice(0, 16)]), [['rest', undefined], ['again', 'Taken 2026-02-02']])
  t.match(toMarkdown(run), /^Taken 2026-01-01[^]*\n\*again\*: Taken 2026-02-02/)
  t.equal(merged(earlier, { ...again, outcomes: [old, rest] }).date, again.date)
  t.strictSame(merged(undefined, again), again)
})
