/** The run as text: a table for the terminal and the README, and JSON for machines. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from './machine.ts'
import type { Outcome, Row, Target, Unit } from './outcome.ts'

export interface Run {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly machine: Machine
  readonly pinning: string
  readonly outcomes: readonly Outcome[]
}

const START = '<!-- results:start -->'
const END = '<!-- results:end -->'
const DIGITS: Readonly<Record<Unit, number>> = { '×': 2, ms: 1, MiB: 0 }
const ROOT = new URL('../', import.meta.url)
const RESULTS = new URL('results/latest.json', ROOT)

export function toMarkdown (run: Run): string {
  const rows = run.outcomes.flatMap(outcome => outcome.rows)
  return [
    ...describe(run),
    ...run.outcomes.flatMap(({ title, taken }) => taken === undefined ? [] : ['', `*${title}*: ${taken}`]),
    '',
    ...table(['work', 'ours', 'compared with', 'measured', 'rounds', 'target', ''], rows.filter(row => row.target !== null).map(cells)),
    ...forInformation(rows.filter(row => row.target === null)),
    ...run.outcomes.flatMap(figures)
  ].join('\n')
}

export function missed (run: Run): readonly Row[] {
  return run.outcomes.flatMap(outcome => outcome.rows).filter(row => row.met === false)
}

/** Rows with a target that could not be measured on this machine. */
export function unmeasured (run: Run): readonly Row[] {
  return run.outcomes.flatMap(outcome => outcome.rows).filter(row => row.target !== null && row.measured === null)
}

/** Writes `results/latest.json` and the part of README.md between its markers. Works that were not run keep their rows. */
export function publish (latest: Run): void {
  const run = merged(existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) as Run : undefined, latest)
  mkdirSync(new URL('results/', ROOT), { recursive: true })
  writeFileSync(RESULTS, `${JSON.stringify(run, null, 2)}\n`)
  const path = new URL('README.md', ROOT)
  const readme = readFileSync(path, 'utf8')
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)]
  if (start === -1 || end < start) throw new Error(`README.md has lost its markers ${START} and ${END}`)
  writeFileSync(path, `${readme.slice(0, start + START.length)}\n\n${toMarkdown(run)}\n\n${readme.slice(end)}`)
}

/** What was not measured again stays, under the date it has; what was says its own. */
export function merged (earlier: Run | undefined, latest: Run): Run {
  const replaced = new Set(latest.outcomes.map(({ title }) => title))
  const kept = earlier?.outcomes.filter(({ title }) => !replaced.has(title)) ?? []
  if (earlier === undefined || kept.every(({ taken }) => taken !== undefined)) return { ...latest, outcomes: [...kept, ...latest.outcomes] }
  const taken = describe(latest)[0]
  return { ...earlier, outcomes: [...kept, ...latest.outcomes.map(outcome => ({ ...outcome, ...(taken !== undefined && { taken }) }))] }
}

function describe ({ date, machine, pinning }: Run): string[] {
  const packages = Object.entries(machine.packages).map(([name, version]) => `\`${name}\` ${version}`).join(', ')
  return [
    `Taken ${date.slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, ${machine.memory}, ${machine.os}; ${pinning}; load average before: ${machine.loadBefore.toFixed(1)}.`,
    `Node.js ${machine.node}, ${packages}.`
  ]
}

function forInformation (rows: readonly Row[]): string[] {
  if (rows.length === 0) return []
  const head = ['work', 'contestant', 'compared with', 'measured', 'rounds']
  return ['', 'For information:', '', ...table(head, rows.map(row => cells(row).slice(0, head.length)))]
}

function cells ({ work, ours, yardstick, measured, unit, target, met, missing }: Row): string[] {
  const names = [work, ours, yardstick]
  if (measured === null) return [...names, '', '', targetText(target, unit), `**not measured: ${missing}**`]
  const figure = (value: number) => value.toFixed(DIGITS[unit])
  const spread = `${figure(measured.lowest)} … ${figure(measured.highest)}`
  return [...names, `${figure(measured.median)} ${unit}`, spread, targetText(target, unit), met === true ? 'met' : '**not met**']
}

function targetText (target: Target, unit: Unit): string {
  if (target === null) return ''
  return 'atLeast' in target ? `≥ ${target.atLeast} ${unit}` : `≤ ${target.atMost} ${unit}`
}

function figures ({ title, figures }: Outcome): string[] {
  const columns = Object.keys(figures[0]?.figures ?? {})
  const rows = figures.map(({ contestant, figures }) => [contestant, ...columns.map(column => figures[column] ?? '')])
  return ['', `${title}:`, '', ...table(['contestant', ...columns], rows)]
}

function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map(row => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)]
}
