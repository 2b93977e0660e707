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
  /** Scenarios of protocol extensions, which no revision requires: run by the CLI, not counted here. */
  extensions: string[]
}

/**
 * Reads a run from the names the CLI printed and the checks it wrote.
 * A scenario that left no checks has crashed: that is a failure, not an absence.
 */
export async function readReport (output: string, resultsDir: string): Promise<Report> {
  const extensions = extensionsOf(output)
  const report: Report = { scenarios: 0, passed: 0, failed: 0, warnings: 0, findings: [], extensions }
  const folders = await readdir(resultsDir)
  for (const [, scenario = ''] of output.matchAll(/^=== Running scenario: (\S+) ===$/gm)) {
    if (extensions.includes(scenario)) continue
    report.scenarios++
    const checks = await readChecks(resultsDir, folders, scenario)
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

/** Folders are named `server-<scenario>-<time>`; a scenario's name may begin another's. */
async function readChecks (resultsDir: string, folders: string[], scenario: string): Promise<Check[] | null> {
  const folder = folders.find(name => name.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '') === `server-${scenario}`)
  if (folder === undefined) return null
  try {
    return JSON.parse(await readFile(path.join(resultsDir, folder, 'checks.json'), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** `--requirements` lists what it ran beyond the revision, with the reason; only extensions are excused. */
function extensionsOf (output: string): string[] {
  return [...output.matchAll(/^ {2}[✓✗] (\S+) \(extension\)$/gm)].map(([, scenario = '']) => scenario)
}
