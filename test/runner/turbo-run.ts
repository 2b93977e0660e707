import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { root } from '../lib/workspace.ts'

/** One task of a turbo run. */
export interface TaskRun {
  task: string
  /** The package's folder, from the top; empty at the top. */
  folder: string
  /** 0 when it passed, now or when its result was kept. */
  exitCode: number
  /** Where what it printed is kept, from the top; null for a task that turbo does not cache. */
  logFile: string | null
}

/** What we read of the summary that `turbo run --summarize` writes. */
interface Summary {
  tasks: Array<{ task: string, directory: string, logFile?: string, execution?: { exitCode: number | null } }>
}

const runs = path.join(root, '.turbo/runs')

/** The tasks of all runs of turbo that ended after `begin` (milliseconds since the epoch); of one that ran twice, the later run. */
export function tasksSince (begin: number): TaskRun[] {
  if (!existsSync(runs)) return []
  const last = new Map<string, TaskRun>()
  // Ids are KSUIDs: they sort by time.
  for (const name of readdirSync(runs).filter(name => name.endsWith('.json')).sort()) {
    const file = path.join(runs, name)
    if (statSync(file).mtimeMs < begin) continue
    const { tasks }: Summary = JSON.parse(readFileSync(file, 'utf8'))
    for (const run of tasks.map(taskRunOf)) last.set(nameOf(run), run)
  }
  return [...last.values()]
}

/** As `packages/sse: test`, or `all: lint` for what is done at the top. */
export function nameOf ({ folder, task }: Pick<TaskRun, 'folder' | 'task'>): string {
  return `${folder === '' ? 'all' : folder}: ${task}`
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
