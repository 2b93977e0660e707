/** Differences between the servers, and the table in the docs that lists each with the rule that decides it. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../../lib/workspace.ts'
import { tableRows } from '../../../repo/docs/markdown.ts'
import { ASPECTS, type Aspect, type Reply } from './ask.ts'
import type { Case } from './corpus.ts'
import { COLUMNS, type Column } from './servers.ts'

const PAGE = path.join(root, 'docs/differences.md')
const [START, END] = ['<!-- differences:start -->', '<!-- differences:end -->']
/** What stands where a server was not asked. */
const NOT_ASKED = '–'

export interface Row {
  readonly aspect: string
  readonly values: Readonly<Record<Column, string>>
  readonly cases: readonly string[]
  readonly rule: string
}

/** What was found, one row for each aspect and case. */
export function differencesIn (asked: Case, replies: Readonly<Partial<Record<Column, Reply>>>): Row[] {
  return ASPECTS.flatMap(aspect => {
    const values = Object.fromEntries(COLUMNS.map(column => [column, shown(replies[column], aspect)])) as Record<Column, string>
    const given = Object.values(values).filter(value => value !== NOT_ASKED)
    return new Set(given).size === 1 ? [] : [{ aspect, values, cases: [asked.name], rule: '' }]
  })
}

function shown (reply: Reply | undefined, aspect: Aspect): string {
  return reply === undefined ? NOT_ASKED : reply[aspect].replaceAll('|', '\\|').replaceAll('`', "'")
}

/** The table as it stands in the docs. */
export function listed (): Row[] {
  return tableRows(readFileSync(PAGE, 'utf8'), ['what', 'cases', 'rule']).map(cells => ({
    aspect: cells.what ?? '',
    values: Object.fromEntries(COLUMNS.map(column => [column, cells[column.toLowerCase()] ?? ''])) as Record<Column, string>,
    cases: (cells.cases ?? '').split('; '),
    rule: cells.rule ?? ''
  }))
}

/** One line for each case of a row, to compare with. */
export function lines (rows: readonly Row[]): string[] {
  return rows.flatMap(({ aspect, values, cases }) => cases.map(name => `${name}: ${aspect}: ${COLUMNS.map(column => values[column]).join(' / ')}`)).sort()
}

/** Writes what was found into the docs: rules that are there stay with their rows, new rows get none. */
export function write (found: readonly Row[]): void {
  const left = new Map(found.map(row => [lines([row])[0] ?? '', row]))
  const kept = listed().flatMap(row => {
    const cases = row.cases.filter(name => left.delete(lines([{ ...row, cases: [name] }])[0] ?? ''))
    return cases.length === 0 ? [] : [{ ...row, cases }]
  })
  const grouped = new Map<string, Row>()
  for (const row of left.values()) {
    const key = JSON.stringify([row.aspect, row.values])
    grouped.set(key, { ...row, cases: [...grouped.get(key)?.cases ?? [], ...row.cases] })
  }
  const rows = [...kept, ...grouped.values()].map(({ aspect, values, cases, rule }) =>
    `| ${aspect} | ${COLUMNS.map(column => code(values[column])).join(' | ')} | ${cases.join('; ')} | ${rule} |`)
  const table = ['| what | ours | SDK 2 | SDK 1 | cases | rule |', '|---|---|---|---|---|---|', ...rows].join('\n')
  const page = readFileSync(PAGE, 'utf8')
  writeFileSync(PAGE, page.slice(0, page.indexOf(START) + START.length) + `\n\n${table}\n\n` + page.slice(page.indexOf(END)))
}

function code (value: string): string {
  return value === NOT_ASKED ? value : `\`${value}\``
}
