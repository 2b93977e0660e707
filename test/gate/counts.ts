import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { Parser } from 'tap-parser'
import { root } from '../lib/workspace.ts'

/** What all tests and conformance suites found. */
export interface Counts {
  passed: number
  failed: number
  /** Failures by task, as `packages/sse: test`: one line per assertion. */
  failing: Map<string, string[]>
}

/**
 * Adds up what tap and the conformance run left on disk.
 * @param resultDirs The `.tap/test-results` of each package; one that is not there has no tests.
 * @param summary What the conformance run wrote; not there when it did not come to its end.
 */
export function countAll (resultDirs: readonly string[], summary: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, failing: new Map() }
  for (const dir of resultDirs.filter(dir => existsSync(dir))) {
    const folder = path.relative(root, path.resolve(dir, '../..'))
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.tap')).sort()
    for (const file of files) addTap(counts, folder, file.replace(/\.tap$/, ''), readFileSync(path.join(dir, file), 'utf8'))
  }
  if (existsSync(summary)) {
    const { passed, failed }: { passed: number, failed: number } = JSON.parse(readFileSync(summary, 'utf8'))
    counts.passed += passed
    counts.failed += failed
    if (failed > 0) addFailure(counts, 'test: conformance', `${failed} checks failed`)
  }
  return counts
}

/** Skipped and to-do assertions are neither passed nor failed. */
function addTap (counts: Counts, folder: string, file: string, text: string): void {
  for (const item of Parser.parse(text, { flat: true })) {
    if (item[0] !== 'assert' || item[1].skip !== false || item[1].todo !== false) continue
    if (item[1].ok) counts.passed++
    else {
      counts.failed++
      addFailure(counts, `${folder}: test`, `${file}: ${item[1].name}`)
    }
  }
}

function addFailure (counts: Counts, task: string, line: string): void {
  counts.failing.set(task, [...counts.failing.get(task) ?? [], line])
}
