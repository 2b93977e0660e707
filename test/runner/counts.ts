import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Parser, type Result } from 'tap-parser'
import { stringify } from 'yaml'
import { root } from '../lib/workspace.ts'

/** What the tests of one folder found. */
export interface Counts {
  /** Assertions. Skipped and to-do ones are neither passed nor failed. */
  passed: number
  failed: number
  /** A line per failure, and lines that say how it failed. */
  failures: string[]
  files: FileTime[]
}

/** How long a test file took. */
export interface FileTime {
  /** From the top of the repository. */
  file: string
  seconds: number
}

/** Where a package keeps what tap reported, from its folder. */
export const reportFolder = path.join('.tap', 'report')

const shownLines = 25

/** Adds up the reports of a package. */
export function countReports (folder: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, failures: [], files: [] }
  const reports = path.join(folder, reportFolder)
  if (!existsSync(reports)) return counts
  for (const name of readdirSync(reports).sort()) addReport(counts, readFileSync(path.join(reports, name), 'utf8'), path.relative(root, folder))
  return counts
}

/** What failed without a failed assertion is one failure: a file that ran out of time, a run that broke off. */
function addReport (counts: Counts, report: string, folder: string): void {
  const failures: Result[] = []
  for (const assertion of assertionsOf(report, true)) {
    if (assertion.ok) counts.passed++
    else failures.push(assertion)
  }
  const named = failures.map(({ fullname }) => fullname)
  for (const file of assertionsOf(report, false)) {
    counts.files.push({ file: path.posix.join(folder, file.name), seconds: (file.time ?? 0) / 1_000 })
    if (!file.ok && !named.some(one => one === file.name || one.startsWith(`${file.name} > `))) failures.push(file)
  }
  counts.failed += failures.length
  for (const failure of failures) counts.failures.push(...described(failure))
  if (failures.length > 0 || isWhole(report)) return
  counts.failed++
  counts.failures.push('the report breaks off')
}

/** @param flat The assertions themselves, or what the report says of each file. */
function assertionsOf (report: string, flat: boolean): Result[] {
  const items = Parser.parse(report, { flat })
  return items.flatMap(item => item[0] === 'assert' && item[1].skip === false && item[1].todo === false ? [item[1]] : [])
}

function isWhole (report: string): boolean {
  return Parser.parse(report).some(item => item[0] === 'complete' && item[1].ok)
}

function described ({ fullname, diag }: Result): string[] {
  const { command: _, args: __, stdio: ___, cwd: ____, ...rest } = diag ?? {}
  return [fullname, ...stringify(rest).trimEnd().split('\n').slice(0, shownLines).map(line => `    ${line}`)]
}
