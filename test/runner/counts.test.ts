import t from 'tap'
import { countReports, type Counts } from './counts.ts'

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
ok 1 - a.test.ts # time=1500ms
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
  t.match(counted(t, passing), { passed: 2, failed: 0, failures: [], files: [{ seconds: 1.5 }] })
})

t.test('names each failure by file and test, and says what it was', async t => {
  const { passed, failed, failures } = counted(t, failing)
  t.strictSame([passed, failed], [1, 1])
  t.strictSame(failures, ['deep/b.test.ts > one > deep > first', '    diff: 1 is not 2'])
})

t.test('a file that ends badly after good results is a failure, and so is one that does not end', async t => {
  const { passed, failed, failures } = counted(t, killed)
  t.strictSame([passed, failed], [1, 1])
  t.strictSame(failures, ['a.test.ts', '    signal: SIGKILL'])
  const late = counted(t, hanging)
  t.strictSame([late.passed, late.failed], [1, 1])
  t.strictSame(late.failures, ['a.test.ts > timeout!', '    expired: TAP'])
})

t.test('a report that breaks off is a failure', async t => {
  const { passed, failed, failures } = counted(t, passing.slice(0, passing.indexOf('    ok 2 - second')))
  t.strictSame([passed, failed], [1, 1])
  t.strictSame(failures, ['the report breaks off'])
})

t.test('several reports of one package are added up; a package without a report has no tests', async t => {
  const folder = t.testdir({ '.tap': { report: { '0.tap': passing, '1.tap': failing } } })
  t.match(countReports(folder), { passed: 3, failed: 1 })
  t.strictSame(countReports(t.testdir({})), { passed: 0, failed: 0, failures: [], files: [] })
})

function counted (t: Tap, report: string): Counts {
  return countReports(t.testdir({ '.tap': { report: { '0.tap': report } } }))
}

type Tap = { testdir: (content: { '.tap': { report: { '0.tap': string } } }) => string }
