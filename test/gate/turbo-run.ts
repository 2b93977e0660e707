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
  /** What it printed, from the top. */
  logFile: string
}

/** What we read of the summary that `turbo run --summarize` writes. */
interface Summary {
  id: string
  tasks: Array<{ task: string, directory: string, logFile: string, cache: { status: string }, execution?: { exitCode: number | null } }>
}

const runs = path.join(root, '.turbo/runs')

/** The last run of turbo in this checkout, if there was one. */
export function latestRun (): { id: string, tasks: TaskRun[] } | undefined {
  if (!existsSync(runs)) return undefined
  // Ids are KSUIDs: they sort by time.
  const name = readdirSync(runs).filter(name => name.endsWith('.json')).sort().at(-1)
  if (name === undefined) return undefined
  const { id, tasks }: Summary = JSON.parse(readFileSync(path.join(runs, name), 'utf8'))
  return { id, tasks: tasks.filter(ran).map(taskRunOf) }
}

/** A task whose dependency failed did not run; the dependency is the failure. */
function ran (task: Summary['tasks'][number]): boolean {
  return task.execution !== undefined
}

function taskRunOf ({ task, directory, logFile, execution }: Summary['tasks'][number]): TaskRun {
  return { task, folder: directory, exitCode: execution?.exitCode ?? 1, logFile }
}

const shownLines = 40

/** The end of what a failed task printed. */
export function failuresOf ({ logFile }: TaskRun): string[] {
  const file = path.join(root, logFile)
  if (!existsSync(file)) return ['(it left no log)']
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-shownLines)
}
