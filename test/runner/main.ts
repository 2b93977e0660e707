/**
 * `pnpm test`: everything that a change can break, once. `pnpm test:long` (`--long`): the same kinds, longer and wider.
 * Arguments choose jobs: a part (`checks`, `packages`, `e2e`, `conformance`, `resilience`, `repo`) or a word of a job's name (`chaos`).
 * Without arguments, all jobs run. A run goes on after a failure, shows all failures and the slowest test files at its end, and ends with
 * one line of counts. A lint, build or type check counts as one.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root, workspacePackages } from '../lib/workspace.ts'
import { countReports, reportFolder } from './counts.ts'
import type { Job, Outcome } from './job.ts'
import { longJobs } from './plan-long.ts'
import { jobs as shortJobs } from './plan.ts'
import { runJobs } from './schedule.ts'

const slowestShown = 10

const { values, positionals } = parseArgs({ options: { long: { type: 'boolean', default: false } }, allowPositionals: true })
const plan = values.long ? longJobs : shortJobs
for (const word of positionals) {
  if (!plan.some(job => selects(word, job))) throw new Error(`no job is called ${word}. Jobs: ${plan.map(({ name }) => name).join(', ')}`)
}
const selected = plan.filter(job => positionals.length === 0 || positionals.some(word => selects(word, job)))
// What a selected job comes after is run too: the build, the programs.
const chosen = plan.filter(job => selected.includes(job) || selected.some(({ after }) => after?.includes(job.name) === true))

// Results of an earlier run must not be counted.
const folders = workspacePackages().map(({ folder }) => path.join(root, folder))
for (const folder of folders) rmSync(path.join(folder, reportFolder), { recursive: true, force: true })
const conformance = path.join(root, 'test/.conformance')
rmSync(conformance, { recursive: true, force: true })
mkdirSync(conformance, { recursive: true })

const begin = performance.now()
const outcomes = await runJobs(chosen, outcome => {
  console.log(`${seconds((performance.now() - begin) / 1_000)}  ${outcome.code === 0 ? '✔' : '✖'} ${outcome.job.name} (${outcome.seconds.toFixed(1)} s)`)
})

let passed = 0
let failed = 0
const counts = folders.map(folder => ({ folder, ...countReports(folder) }))
for (const count of counts) {
  passed += count.passed
  failed += count.failed
  if (count.failed > 0) console.log(`\n✖ ${path.relative(root, count.folder)}`)
  for (const line of count.failures) console.log(`  ${line}`)
}
for (const { file, result } of suites()) {
  passed += result.passed
  failed += result.failed
  if (result.failed > 0) console.log(`\n✖ conformance ${file}: ${result.failed} checks failed`)
}
const counted = failed > 0
for (const outcome of outcomes) {
  if (outcome.code === 0) {
    if (outcome.job.countsItself === true) passed++
    continue
  }
  // A job that failed without a failed assertion: lint, a process that crashed or did not end, a server that did not start.
  if (outcome.job.countsItself === true || outcome.code === null || !counted) failed++
  show(outcome)
}

console.log(`\nSlowest test files:\n${slowest().join('\n')}`)
console.log(`\n${values.long ? 'test:long' : 'test'} took ${seconds((performance.now() - begin) / 1_000)}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function selects (word: string, { part, name }: Job): boolean {
  return part === word || name.includes(word)
}

function suites (): Array<{ file: string, result: { passed: number, failed: number } }> {
  const files = plan.flatMap(({ env }) => env?.MCP_CONFORMANCE_SUMMARY ?? [])
  return files.map(file => path.join(root, 'test', file)).filter(file => existsSync(file)).map(file => ({ file: path.basename(file, '.json'), result: JSON.parse(readFileSync(file, 'utf8')) }))
}

function show ({ job, code, output }: Outcome): void {
  console.log(`\n✖ ${job.name}: ${code === null ? `not run, because one of these failed: ${job.after?.join(', ')}` : `ended with ${code}`}`)
  for (const line of output.trimEnd().split('\n')) if (line !== '') console.log(`  ${line}`)
}

function slowest (): string[] {
  const files = counts.flatMap(({ files }) => files).sort((a, b) => b.seconds - a.seconds)
  return files.slice(0, slowestShown).map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`)
}

function seconds (value: number): string {
  return `${Math.floor(value / 60)}:${String(Math.floor(value % 60)).padStart(2, '0')}`
}
