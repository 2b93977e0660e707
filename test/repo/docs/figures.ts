import { textOf } from '../../lib/workspace.ts'

/** What we read of the results of `pnpm bench`. */
export interface BenchResults {
  date: string
  machine: { cpu: string, cores: number, node: string, packages: Record<string, string> }
  outcomes: Array<{ rows: BenchRow[] }>
}

interface BenchRow {
  work: string
  ours: string
  yardstick: string
  unit: string
  measured: { median: number, lowest: number, highest: number } | null
}

/** Where the table of figures stands in the README. */
export const figuresMarks = ['<!-- figures:start -->', '<!-- figures:end -->'] as const

/** The results of the last run of the benchmark at full length. */
export function benchResults (): BenchResults {
  return JSON.parse(textOf('bench/results/latest.json'))
}

/** What stands between the marks: the rows of the results that compare with a peer or with Fastify alone. */
export function figuresText ({ date, machine, outcomes }: BenchResults): string {
  const rows = outcomes.flatMap(({ rows }) => rows).filter(isShown)
  const peers = Object.entries(machine.packages).map(([name, version]) => `\`${name}\` ${version}`).join(', ')
  return [
    '| | ours | beside | measured | rounds |',
    '|---|---|---|---|---|',
    ...rows.map(({ work, ours, yardstick, measured }) => `| ${[work, ours, yardstick, middle(measured), range(measured)].join(' | ')} |`),
    '',
    `Taken ${date.slice(0, 10)} on ${machine.cpu}, ${machine.cores} cores, Node.js ${machine.node}; ${peers}.`
  ].join('\n')
}

/** The README with the table of these results in it. */
export function withFigures (page: string, results: BenchResults): string {
  const [start, end] = figuresMarks.map(mark => page.indexOf(mark)) as [number, number]
  if (start === -1 || end < start) throw new Error(`README.md lacks the marks ${figuresMarks.join(' and ')}`)
  return `${page.slice(0, start + figuresMarks[0].length)}\n\n${figuresText(results)}\n\n${page.slice(end)}`
}

const peers = /@modelcontextprotocol\/|createMcpHandler|fastify-mcp|bare Fastify/
const works = /^(`echo`, calls per second|`burst`, events per second.*|idle session with its stream, RSS)$/

function isShown ({ work, ours, yardstick, unit, measured }: BenchRow): boolean {
  return unit === '×' && measured !== null && works.test(work) && peers.test(yardstick) && ours.startsWith('`')
}

function middle (measured: BenchRow['measured']): string {
  return measured === null ? '' : `${measured.median.toFixed(2)} ×`
}

function range (measured: BenchRow['measured']): string {
  return measured === null ? '' : `${measured.lowest.toFixed(2)} … ${measured.highest.toFixed(2)}`
}
