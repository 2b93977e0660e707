import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Report } from './report.ts'
import { runSuite } from './run-suite.ts'
import { suites, type Suite } from './suites.ts'
import { server, targets, type Target } from './targets.ts'

/*
 * The official conformance suites against the reference server, over a real socket: all of them on memory, those about sessions on every
 * storage and through nginx over three nodes. Then those for clients.
 *
 *   pnpm conformance                                  everything
 *   … conformance/cli.ts --on redis                   one way to run the server (memory, sqlite, redis or 'three nodes'), or:
 *                                                     client, 'client requirements'
 *   … conformance/cli.ts --suite 'all 2026-07-28'     one of the suites
 *   … conformance/cli.ts --url http://localhost:3000/mcp   against a server that runs already
 *
 * Ends with 1 when anything failed or warned. The checks of every scenario stay in test/.conformance.
 */
const { values } = parseArgs({ options: { url: { type: 'string' }, suite: { type: 'string' }, on: { type: 'string' } } })
const results = path.resolve(import.meta.dirname, '../.conformance')
const chosen = targetsFor(values).filter(target => values.on === undefined || target.name === values.on)
if (chosen.every(target => suitesOf(target).length === 0)) {
  throw new Error(`--suite must be one of ${quoted(suites)}, --on one of ${quoted(targets)} that runs it`)
}

const summary = path.resolve(import.meta.dirname, '..', process.env.MCP_CONFORMANCE_SUMMARY ?? '.conformance/summary.json')
await mkdir(results, { recursive: true })
await rm(summary, { force: true }) // An old verdict must not stand for a run that crashed.

let passed = 0
let failed = 0
for (const target of chosen) {
  const missing = target.missing()
  if (missing === false) await judge(target)
  else {
    console.log(`skipped on ${target.name}: ${missing}`)
    if (process.env.CI === 'true') failed++
  }
}
await writeFile(summary, JSON.stringify({ passed, failed }) + '\n')
console.log(`conformance: ${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function judge (target: Target): Promise<void> {
  const chosen = suitesOf(target)
  if (chosen.length === 0) return
  const { args, stop } = await target.start()
  try {
    for (const suite of chosen) await judgeBy(suite, target, args)
  } finally {
    await stop()
  }
}

async function judgeBy (suite: Suite, target: Target, judged: readonly string[]): Promise<void> {
  const name = target.name === 'memory' ? suite.name : `${suite.name} on ${target.name}`
  try {
    const report = await runSuite(suite, judged, path.join(results, name.replaceAll(' ', '-')))
    print(name, report)
    passed += report.passed
    failed += report.failed + report.warnings
  } catch (error) {
    console.log(`suite ${name}: ${error instanceof Error ? error.message : error}`)
    failed++
  }
}

function targetsFor ({ url }: typeof values): readonly Target[] {
  if (url === undefined) return targets
  return [{ name: 'memory', suites, missing: () => false, start: () => server(Promise.resolve({ url, stop: async () => {} })) }]
}

function suitesOf (target: Target): readonly Suite[] {
  return target.suites.filter(suite => values.suite === undefined || suite.name === values.suite)
}

function quoted (named: ReadonlyArray<{ name: string }>): string {
  return named.map(({ name }) => `'${name}'`).join(', ')
}

function print (name: string, report: Report): void {
  const { scenarios, passed, failed, warnings, findings, unscored } = report
  console.log(`suite ${name}: ${scenarios} scenarios, ${passed} checks passed, ${failed} failed, ${warnings} warnings`)
  for (const finding of findings) console.log(`  ${finding}`)
  if (unscored.length > 0) console.log(`  not scored, extensions of the protocol: ${unscored.join(', ')}`)
}
