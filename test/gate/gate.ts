import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { root, workspacePackages } from '../lib/workspace.ts'
import { endOfLog, latestRun, type TaskRun } from './turbo-run.ts'
import { countAll } from './counts.ts'

/*
 * `pnpm test`: every check of the repository. Goes on after a failure, shows all failures at the end, and ends with one line of counts:
 * assertions of the tests and checks of the official conformance suites. A lint, type, build or packaging task that fails counts as one.
 */
const tasks = ['lint', 'typecheck', 'build', 'test', 'check:packaging', 'conformance']
const results = path.join('.tap', 'test-results')

// Results of tests that were renamed or removed must not be counted; turbo restores those of tasks it does not run again.
for (const { folder } of workspacePackages()) rmSync(path.join(root, folder, results), { recursive: true, force: true })
const conformance = path.join(root, 'test/.conformance/summary.json')
rmSync(conformance, { force: true })

const before = latestRun()
const code = await turbo()
const last = latestRun()
const ran = last === undefined || last.id === before?.id ? [] : last.tasks
const counts = countAll(workspacePackages().map(({ folder }) => path.join(root, folder, results)), conformance)

const broken = ran.filter(task => task.exitCode !== 0)
for (const task of broken) show(task)
const notRun = expected().filter(name => !ran.some(({ folder, task }) => name === `${folder}: ${task}`))
if (notRun.length > 0) console.log(`\nNot run, because what they depend on failed:\n  ${notRun.join('\n  ')}`)
// A task that failed without a failure anyone counted: lint, a test file that crashed, a server that did not start.
const uncounted = broken.filter(({ folder, task }) => !counts.failing.has(`${folder}: ${task}`)).length
const failed = counts.failed + uncounted + (code !== 0 && counts.failed + uncounted === 0 ? 1 : 0)
console.log(`\n${counts.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function turbo (): Promise<number> {
  // Two at least: a package's tests wait more than they compute. More than the cores would starve those that measure time.
  const concurrency = Math.max(2, availableParallelism())
  const options = ['--continue=dependencies-successful', '--summarize', '--log-order=grouped', `--concurrency=${concurrency}`]
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(root, 'node_modules/.bin/turbo'), ['run', ...tasks, ...options], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
}

/** Every task that some package has a script for. */
function expected (): string[] {
  return workspacePackages().flatMap(({ folder, manifest }) => {
    return tasks.filter(task => manifest.scripts?.[task] !== undefined).map(task => `${folder}: ${task}`)
  })
}

function show (task: TaskRun): void {
  const name = `${task.folder}: ${task.task}`
  console.log(`\n✖ ${name}`)
  for (const line of [...counts.failing.get(name) ?? [], ...endOfLog(task)]) console.log(`  ${line}`)
}
