import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../lib/workspace.ts'

/** One task of a turbo run. */
export interface TaskRun {
  task: string
  /** The package's folder, from the top. */
  folder: string
  /** 0 when it passed, now or when its result was kept. */
  exitCode: number
  /** Where what it printed is kept, from the top; null for a task that turbo does not cache. */
  logFile: string | null
}

/** What we read of the summary that `turbo run --summarize` writes. */
interface Summary {
  id: string
  tasks: Array<{ task: string, directory: string, logFile?: string, execution?: { exitCode: number | null } }>
}

const runs = path.join(root, '.turbo/runs')

/** One run of turbo. */
export interface Run {
  id: string
  /** Those that ran, or whose result was kept. One that depends on a failed one is not among them. */
  tasks: TaskRun[]
}

/** The last run of turbo in this checkout, if there was one. */
export function latestRun (): Run | undefined {
  if (!existsSync(runs)) return undefined
  // Ids are KSUIDs: they sort by time.
  const name = readdirSync(runs).filter(name => name.endsWith('.json')).sort().at(-1)
  if (name === undefined) return undefined
  const { id, tasks }: Summary = JSON.parse(readFileSync(path.join(runs, name), 'utf8'))
  return { id, tasks: tasks.map(taskRunOf) }
}

function taskRunOf ({ task, directory, logFile, execution }: Summary['tasks'][number]): TaskRun {
  return { task, folder: directory, exitCode: execution?.exitCode ?? 1, logFile: logFile ?? null }
}

const shownLines = 60

/** The end of what a task printed; tests print nothing but failures. */
export function endOfLog ({ logFile }: TaskRun): string[] {
  const file = logFile === null ? null : path.join(root, logFile)
  if (file === null || !existsSync(file)) return ['(what it printed stands above)']
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-shownLines)
}
