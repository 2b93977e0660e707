import path from 'node:path'
import t from 'tap'
import { countAll } from './counts.ts'

const passing = `TAP version 14
1..1
# Subtest: a.test.ts
    # Subtest: one
        ok 1 - first
        ok 2 - second
        1..2
    ok 1 - one
    ok 2 - later # TODO
    ok 3 - elsewhere # SKIP
    1..3
ok 1 - a.test.ts
`

const failing = `TAP version 14
1..1
# Subtest: deep/b.test.ts
    # Subtest: one
        # Subtest: deep
            not ok 1 - first
              ---
              diff: 1 is not 2
              ...
            1..1
        not ok 1 - deep
        ok 2 - second
        1..2
    not ok 1 - one
    1..1
not ok 1 - deep/b.test.ts
`

/** What tap writes of a file that printed all its results, and was killed then. */
const killed = `TAP version 14
1..1
# Subtest: a.test.ts
    ok 1 - one
    1..1
not ok 1 - a.test.ts
  ---
  signal: SIGKILL
  ...
`

/** The same of one that did not end. */
const hanging = `TAP version 14
1..1
# Subtest: a.test.ts
    ok 1 - one
    not ok 2 - timeout!
      ---
      expired: TAP
      ...
    1..2
not ok 1 - a.test.ts
`

t.test('counts assertions, not the tests around them; neither skipped nor to-do ones', async t => {
  t.match(counted(t, passing), { passed: 2, failed: 0, failing: new Map() })
})

t.test('names each failure by file and test, and says what it was', async t => {
  const { passed, failed, failing: lines } = counted(t, failing)
  t.strictSame([passed, failed], [1, 1])
  t.strictSame([...lines.values()], [['deep/b.test.ts > one > deep > first', '    diff: 1 is not 2']])
})

t.test('a file that ends badly after good results is a failure, and so is one that does not end', async t => {
  const { passed, failed, failing: lines } = counted(t, killed)
  t.strictSame([passed, failed], [1, 1])
  t.strictSame([...lines.values()], [['a.test.ts', '    signal: SIGKILL']])
  const late = counted(t, hanging)
  t.strictSame([late.passed, late.failed], [1, 1])
  t.strictSame([...late.failing.values()], [['a.test.ts > timeout!', '    expired: TAP']])
})

t.test('a report that breaks off is a failure', async t => {
  const { passed, failed, failing: lines } = counted(t, passing.slice(0, passing.indexOf('    ok 2 - second')))
  t.strictSame([passed, failed], [1, 1])
  t.strictSame([...lines.values()], [['the report breaks off']])
})

t.test('a package without a report has no tests', async t => {
  t.match(countAll([t.testdir({})], 'no-summary.json'), { passed: 0, failed: 0 })
})

/** Without the conformance run of this checkout, whose verdict may lie around. */
function counted (t: Tap, report: string) {
  const folder = t.testdir({ '.tap': { 'report.tap': report } })
  return countAll([folder], path.join(folder, 'no-summary.json'))
}

type Tap = { testdir: (content: { '.tap': { 'report.tap': string } }) => string }
