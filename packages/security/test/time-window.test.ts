import t from 'tap'
import { windowMs } from '../src/index.ts'

const table: ReadonlyArray<readonly [unknown, number | null]> = [
  [1, 1], [60_000, 60_000], ['250 ms', 250], ['10 seconds', 10_000], ['1 minute', 60_000], ['minute', 60_000], ['2hours', 7_200_000],
  ['31 days', 31 * 86_400_000], [0, null], [-1, null], [1.5, null], [Infinity, null], ['', null], ['5', null], ['0 seconds', null],
  ['32 days', null], ['1 fortnight', null], ['1 minute!', null], [null, null], [undefined, null], [{}, null]
]

for (const [given, ms] of table) {
  t.test(`${JSON.stringify(given)} is ${ms === null ? 'no span' : `${ms} ms`}`, async t => { t.equal(windowMs(given), ms) })
}
