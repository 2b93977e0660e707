import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startReferenceServer } from './reference-server.ts'
import type { Report } from './report.ts'
import { runSuite } from './run-suite.ts'
import { suites } from './suites.ts'

/*
 * The official conformance suites against the reference server, over a real socket.
 *
 *   pnpm conformance                                  all suites
 *   … conformance/cli.ts --suite 'all 2026-07-28'     one of them
 *   … conformance/cli.ts --url http://localhost:3000/mcp   against a server that runs already
 *
 * Ends with 1 when anything failed or warned. The checks of every scenario stay in test/.conformance.
 */
const { values } = parseArgs({ options: { url: { type: 'string' }, suite: { type: 'string' } } })
const results = path.resolve(import.meta.dirname, '../.conformance')
const chosen = suites.filter(suite => values.suite === undefined || suite.name === values.suite)
if (chosen.length === 0) {
  throw new Error(`--suite must be one of ${suites.map(suite => `'${suite.name}'`).join(', ')}; got '${values.suite}'`)
}

const summary = path.join(results, 'summary.json')
await mkdir(results, { recursive: true })
await rm(summary, { force: true }) // An old verdict must not stand for a run that crashed.

const server = values.url === undefined ? await startReferenceServer() : { url: values.url, stop: async () => {} }
let passed = 0
let failed = 0
try {
  for (const suite of chosen) {
    try {
      const report = await runSuite(suite, server.url, path.join(results, suite.name.replaceAll(' ', '-')))
      print(suite.name, report)
      passed += report.passed
      failed += report.failed + report.warnings
    } catch (error) {
      console.log(`suite ${suite.name}: ${error instanceof Error ? error.message : error}`)
      failed++
    }
  }
} finally {
  await server.stop()
}
await writeFile(summary, JSON.stringify({ passed, failed }) + '\n')
console.log(`conformance: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function print (name: string, report: Report): void {
  const { scenarios, passed, failed, warnings, findings, extensions } = report
  console.log(`suite ${name}: ${scenarios} scenarios, ${passed} checks passed, ${failed} failed, ${warnings} warnings`)
  for (const finding of findings) console.log(`  ${finding}`)
  if (extensions.length > 0) console.log(`  not counted, extensions of the protocol: ${extensions.join(', ')}`)
}
