import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { root, workspacePackages } from '../lib/workspace.ts'
import { endOfLog, nameOf, tasksSince, type TaskRun } from './turbo-run.ts'
import { countAll, reportFile } from './counts.ts'

/*
 * `pnpm test`: every check of the repository. Goes on after a failure, shows all failures at the end, and ends with one line of counts:
 * assertions of the tests and checks of the official conformance suites. A lint, type, build or packaging task that fails counts as one.
 */
const checks = ['build', 'lint', 'typecheck', 'check:packaging']
const proofs = ['test', 'conformance']
const folders = workspacePackages().map(({ folder }) => path.join(root, folder))

// What an earlier run found must not be counted.
for (const folder of folders) rmSync(path.join(folder, reportFile), { force: true })
const conformance = path.join(root, 'test/.conformance/summary.json')
rmSync(conformance, { force: true })

const begin = Date.now()
// Two at least: a package's tests wait more than they compute.
const cores = Math.max(2, availableParallelism())
let code = await turbo(checks, cores)
if (built()) {
  // What spans packages comes last: it kills servers, holds thousands of streams, and would starve others that measure time. Beside it run
  // the conformance suites, which mostly wait. Nothing is built here again: it is in use.
  for (const [filter, concurrency] of [['!@mcp/tests', cores], ['@mcp/tests', 2]] as const) {
    code = Math.max(code, await turbo(proofs, concurrency, '--only', '--force', `--filter=${filter}`))
  }
}
const ran = tasksSince(begin)
const counts = countAll(folders, conformance)

const broken = ran.filter(task => task.exitCode !== 0)
for (const task of broken) show(task)
const notRun = expected().filter(name => !ran.some(task => name === nameOf(task)))
if (notRun.length > 0) console.log(`\nNot run, because what they depend on failed:\n  ${notRun.join('\n  ')}`)
// A task that failed without a failure anyone counted: lint, a test file that crashed, a server that did not start.
const uncounted = broken.filter(task => !counts.failing.has(nameOf(task))).length
const failed = counts.failed + uncounted + (code !== 0 && counts.failed + uncounted === 0 ? 1 : 0)
console.log(`\n${counts.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function turbo (tasks: readonly string[], concurrency: number, ...more: string[]): Promise<number> {
  const options = ['--continue=dependencies-successful', '--summarize', '--log-order=grouped', `--concurrency=${concurrency}`, ...more]
  const env = { ...process.env, TAP_OUTPUT_FILE: reportFile, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(root, 'node_modules/.bin/turbo'), ['run', ...tasks, ...options], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
}

function built (): boolean {
  const builds = tasksSince(begin).filter(({ task }) => task === 'build')
  return builds.length > 0 && builds.every(({ exitCode }) => exitCode === 0)
}

/** Every task that some package has a script for, and what is done at the top for all of them. */
function expected (): string[] {
  const own = workspacePackages().flatMap(({ folder, manifest }) => {
    return [...checks, ...proofs].filter(task => manifest.scripts?.[task] !== undefined).map(task => nameOf({ folder, task }))
  })
  return [...own, ...['lint', 'typecheck'].map(task => nameOf({ folder: '', task }))]
}

function show (task: TaskRun): void {
  const name = nameOf(task)
  console.log(`\n✖ ${name}`)
  for (const line of [...counts.failing.get(name) ?? [], ...endOfLog(task)]) console.log(`  ${line}`)
}
