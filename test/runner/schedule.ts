import { spawn } from 'node:child_process'
import path from 'node:path'
import { root } from '../lib/workspace.ts'
import type { Job, Outcome } from './job.ts'

/** Characters that are kept of what a job prints. */
const keptCharacters = 20_000

/**
 * Runs jobs side by side, in the order given where their shares allow it. A failure stops only the jobs that come after it.
 * @param ended Called with each outcome as it comes.
 */
export async function runJobs (jobs: readonly Job[], ended: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const waiting = [...jobs]
  const running = new Map<Job, Promise<void>>()
  const names = new Set(jobs.map(({ name }) => name))

  const settle = (outcome: Outcome): void => {
    outcomes.set(outcome.job.name, outcome)
    ended(outcome)
  }
  const start = (job: Job): void => {
    running.set(job, runJob(job).then(outcome => {
      running.delete(job)
      settle(outcome)
    }))
  }

  while (waiting.length > 0 || running.size > 0) {
    for (const job of [...waiting]) {
      const before = (job.after ?? []).filter(name => names.has(name))
      if (before.some(name => outcomes.has(name) && outcomes.get(name)?.code !== 0)) {
        waiting.splice(waiting.indexOf(job), 1)
        settle({ job, code: null, seconds: 0, output: '' })
      } else if (before.every(name => outcomes.has(name)) && fits(job, [...running.keys()])) {
        waiting.splice(waiting.indexOf(job), 1)
        start(job)
      }
    }
    if (running.size > 0) await Promise.race(running.values())
  }
  return jobs.flatMap(({ name }) => outcomes.get(name) ?? [])
}

/** Sums of decimal fractions miss 1 by a little. */
const tolerance = 1e-6

/** Whether a job may start beside those that run. */
export function fits (job: Job, running: readonly Job[]): boolean {
  return running.length === 0 || running.reduce((sum, { share }) => sum + share, job.share) <= 1 + tolerance
}

function runJob (job: Job): Promise<Outcome> {
  const begin = performance.now()
  return new Promise(resolve => {
    let output = ''
    const settle = (code: number): void => { resolve({ job, code, seconds: (performance.now() - begin) / 1_000, output }) }
    const child = spawn(job.command, job.args, {
      cwd: path.join(root, job.folder ?? ''), env: { ...process.env, ...job.env }, stdio: ['ignore', 'pipe', 'pipe']
    })
    const collect = (chunk: string): void => { output = (output + chunk).slice(-keptCharacters) }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.once('error', error => {
      output += error.message
      settle(1)
    })
    child.once('close', code => settle(code ?? 1))
  })
}
