import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Parser, type Result } from 'tap-parser'
import { stringify } from 'yaml'
import { root } from '../lib/workspace.ts'

/** What all tests and conformance suites found. */
export interface Counts {
  passed: number
  failed: number
  /** Failures by task, as `packages/sse: test`: what failed, then how, a line each. */
  failing: Map<string, string[]>
}

/** Where the gate has tap leave the report of a package. Unlike what tap prints, that tells of files that ran out of time too. */
export const reportFile = path.join('.tap', 'report.tap')

const shownLines = 25

/**
 * Adds up what tap and the conformance run left on disk.
 * @param folders Of packages; one without a report has no tests.
 * @param summary What the conformance run wrote; not there when it did not come to its end.
 */
export function countAll (folders: readonly string[], summary: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, failing: new Map() }
  for (const folder of folders.filter(folder => existsSync(path.join(folder, reportFile)))) {
    addReport(counts, `${path.relative(root, folder)}: test`, readFileSync(path.join(folder, reportFile), 'utf8'))
  }
  if (existsSync(summary)) {
    const { passed, failed }: { passed: number, failed: number } = JSON.parse(readFileSync(summary, 'utf8'))
    counts.passed += passed
    counts.failed += failed
    if (failed > 0) addFailures(counts, 'test: conformance', [`${failed} checks failed`])
  }
  return counts
}

/**
 * Skipped and to-do assertions are neither passed nor failed. What failed without a failed assertion is one failure: a file whose process
 * was killed, a run that broke off.
 */
function addReport (counts: Counts, task: string, report: string): void {
  const failures: Result[] = []
  for (const assertion of assertionsOf(report, true)) {
    if (assertion.ok) counts.passed++
    else failures.push(assertion)
  }
  const told = failures.map(({ fullname }) => fullname)
  for (const file of assertionsOf(report, false)) {
    if (!file.ok && !told.some(one => one === file.name || one.startsWith(`${file.name} > `))) failures.push(file)
  }
  counts.failed += failures.length
  for (const failure of failures) addFailures(counts, task, described(failure))
  if (failures.length > 0 || isWhole(report)) return
  counts.failed++
  addFailures(counts, task, ['the report breaks off'])
}

/** @param flat The assertions themselves, or what the report says of each file. */
function assertionsOf (report: string, flat: boolean): Result[] {
  const items = Parser.parse(report, { flat })
  return items.flatMap(item => item[0] === 'assert' && item[1].skip === false && item[1].todo === false ? [item[1]] : [])
}

/** It says first how many files there are. */
function isWhole (report: string): boolean {
  return Parser.parse(report).some(item => item[0] === 'complete' && item[1].ok)
}

function described ({ fullname, diag }: Result): string[] {
  const { command: _, args: __, stdio: ___, cwd: ____, ...rest } = diag ?? {}
  return [fullname, ...stringify(rest).trimEnd().split('\n').slice(0, shownLines).map(line => `    ${line}`)]
}

function addFailures (counts: Counts, task: string, lines: readonly string[]): void {
  counts.failing.set(task, [...counts.failing.get(task) ?? [], ...lines])
}
