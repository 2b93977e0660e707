import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { countAll } from './counts.ts'

const passing = `TAP version 14
# Subtest: one
    ok 1 - first
    ok 2 - second
    1..2
ok 1 - one
ok 2 - later # TODO
ok 3 - elsewhere # SKIP
1..3
`

const failing = `TAP version 14
# Subtest: one
    # Subtest: deep
        not ok 1 - first
        1..1
    not ok 1 - deep
    ok 2 - second
    1..2
not ok 1 - one
1..1
`

t.test('counts assertions, not the tests around them; neither skipped nor to-do ones', async t => {
  const dir = t.testdir({ '.tap': { 'test-results': { 'a.test.ts.tap': passing } } })
  t.match(counted(dir), { passed: 2, failed: 0, failing: new Map() })
})

t.test('names each failure by file and test', async t => {
  const dir = t.testdir({ '.tap': { 'test-results': { 'a.test.ts.tap': passing } } })
  mkdirSync(path.join(dir, '.tap/test-results/deep'))
  writeFileSync(path.join(dir, '.tap/test-results/deep/b.test.ts.tap'), failing)
  const { passed, failed, failing: lines } = counted(dir)
  t.strictSame([passed, failed], [3, 1])
  t.strictSame([...lines.values()], [['deep/b.test.ts: one > deep > first']])
})

t.test('a package without results has no tests', async t => {
  t.match(counted(t.testdir({})), { passed: 0, failed: 0 })
})

/** Without the conformance run of this checkout, whose verdict may lie around. */
function counted (dir: string) {
  return countAll([path.join(dir, '.tap/test-results')], path.join(dir, 'no-summary.json'))
}
