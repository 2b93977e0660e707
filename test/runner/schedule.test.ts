import t from 'tap'
import type { Job } from './job.ts'
import { fits, runJobs } from './schedule.ts'

t.test('a job starts beside others while the sum of the shares is at most 1', async t => {
  const rows: ReadonlyArray<readonly [share: number, running: readonly number[], fits: boolean]> = [
    [1, [], true], [1, [0.1], false], [0.5, [0.5], true], [0.6, [0.5], false], [0.1, [0.2, 0.7], true], [0.1, [1], false], [2, [], true]
  ]
  for (const [share, running, expected] of rows) {
    t.equal(fits(job('next', share), running.map((share, index) => job(`${index}`, share))), expected, `${share} beside ${running.join(' and ') || 'nothing'}`)
  }
})

t.test('every job that is run has an outcome, in the order of the plan', async t => {
  const outcomes = await runJobs([job('a', 0.5), job('b', 0.5), job('c', 0.5), job('alone', 1)], () => {})
  t.strictSame(outcomes.map(({ job, code }) => [job.name, code]), [['a', 0], ['b', 0], ['c', 0], ['alone', 0]])
})

t.test('what comes after a failed job is not run, and everything else is', async t => {
  const jobs = [job('broken', 0.1, { script: 'console.log("why"); process.exit(3)' }), job('late', 0.1, { after: ['broken'] }), job('later', 0.1, { after: ['late'] }), job('other', 0.1)]
  const outcomes = await runJobs(jobs, () => {})
  t.strictSame(outcomes.map(({ job, code }) => [job.name, code]), [['broken', 3], ['late', null], ['later', null], ['other', 0]])
  t.equal(outcomes[0]?.output, 'why\n')
})

t.test('a job waits for those before it; names that are not part of the run do not count', async t => {
  const order: string[] = []
  await runJobs([job('second', 0.1, { after: ['first', 'elsewhere'] }), job('first', 0.1)], ({ job }) => { order.push(job.name) })
  t.strictSame(order, ['first', 'second'])
})

t.test('a program that does not exist is a failure that says so', async t => {
  const [outcome] = await runJobs([{ ...job('none', 0.1), command: 'no-such-program' }], () => {})
  t.match(outcome, { code: 1, output: /ENOENT/ })
})

function job (name: string, share: number, { script = '', after = [] }: { script?: string, after?: string[] } = {}): Job {
  return { name, part: 'repo', command: process.execPath, args: ['-e', script], share, after }
}
