import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'

/** What the CLI writes into `checks.json`, as far as we read it. */
interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  description: string
  errorMessage?: string
}

/** What one run of the CLI found. */
export interface Report {
  scenarios: number
  passed: number
  failed: number
  warnings: number
  /** One line per failed check and warning: scenario, check, why. */
  findings: string[]
  /** Scenarios that the CLI ran and does not score: extensions of the protocol. */
  unscored: string[]
}

/**
 * Reads a run from the names the CLI printed and the checks it wrote.
 * A scenario that left no checks has crashed: that is a failure, not an absence.
 */
export async function readReport (output: string, resultsDir: string): Promise<Report> {
  const unscored = unscoredIn(output)
  const report: Report = { scenarios: 0, passed: 0, failed: 0, warnings: 0, findings: [], unscored }
  const files = await readdir(resultsDir, { recursive: true })
  for (const [, scenario = ''] of output.matchAll(/^(?:=== Running|Starting) scenario: (\S+)(?: ===)?$/gm)) {
    if (unscored.includes(scenario)) continue
    report.scenarios++
    const checks = await readChecks(resultsDir, files, scenario)
    if (checks === null) addFinding(report, scenario, { id: 'scenario', status: 'FAILURE', description: 'it did not run to its end' })
    for (const check of checks ?? []) addFinding(report, scenario, check)
  }
  return report
}

function addFinding (report: Report, scenario: string, check: Check): void {
  if (check.status === 'SUCCESS') report.passed++
  if (check.status !== 'FAILURE' && check.status !== 'WARNING') return
  if (check.status === 'FAILURE') report.failed++
  else report.warnings++
  const why = check.errorMessage ?? check.description
  report.findings.push(`${check.status} ${scenario} · ${check.id}: ${why.length > 400 ? why.slice(0, 400) + '…' : why}`)
}

/** Folders are named `<scenario>-<time>`, those of servers with `server-` before it; a scenario's name may begin another's. */
async function readChecks (resultsDir: string, files: string[], scenario: string): Promise<Check[] | null> {
  const file = files.find(name => {
    return path.basename(name) === 'checks.json' && path.dirname(name).replace(/^server-|-\d{4}-\d\d-\d\dT[\d-]+Z$/g, '') === scenario
  })
  return file === undefined ? null : JSON.parse(await readFile(path.join(resultsDir, file), 'utf8'))
}

/** `--requirements` lists what it ran beyond the revision, with the reason; only extensions are excused. So is what the baseline names. */
function unscoredIn (output: string): string[] {
  return [...output.matchAll(/^ {2}(?:[✓✗] (\S+) \(extension\)|~ (\S+))$/gm)].map(([, extension, expected]) => extension ?? expected ?? '')
}
