import { once } from 'node:events'
import t from 'tap'
import { startChild } from './helper/child.ts'

interface Report {
  readonly written: number
  readonly failures: readonly string[]
  readonly blockedMs: number
}

t.test('four processes that write without a pause all get on, and none waits for the lock with its event loop', async t => {
  const path = t.testdir()
  const reports = await Promise.all(['a', 'b', 'c', 'd'].map(async name => {
    const [report] = await once(startChild('contender.ts', [path, name, '1500']), 'message') as [Report]
    return report
  }))
  t.comment(reports.map(({ written, blockedMs }) => `${written} writes, blocked for ${blockedMs.toFixed(0)} ms at most`).join('; '))
  for (const { written, failures, blockedMs } of reports) {
    t.same(failures, [])
    t.ok(written > 20)
    // Four busy processes share the cores, too: what remains is far from the ten seconds that a write may wait.
    t.ok(blockedMs < 1_000)
  }
})
