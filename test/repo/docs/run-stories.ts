/**
 * Runs the programs and commands of all pages in one process, so that Fastify and the SDKs are loaded once: `run-stories.ts PLAN RESULTS`.
 * A program goes on while what follows it on its page runs; one that listens ends those before it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { format } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { firstUnsaid, isShown } from './printed.ts'
import { sampleApplications } from './sample-applications.ts'
import { runCommands, runTest } from './shell.ts'
import { openServers } from './open-servers.ts'
import type { StagedProgram, StagedStory } from './stage.ts'

/** What came of a step: nothing wrong, or what. */
export interface StepResult {
  at: string
  fault: string | null
}

const deadlineMs = 60_000

const [, , plan = '', resultsFile = ''] = process.argv
const stories: StagedStory[] = JSON.parse(readFileSync(plan, 'utf8'))
const results: StepResult[] = []
const servers = openServers()
const samples = sampleApplications()

let printed = ''
let stray: unknown = null
for (const name of ['log', 'info', 'warn', 'error'] as const) {
  console[name] = (...values: unknown[]) => { printed += `${format(...values)}\n` }
}
// Whoever started this holds the other end: nothing of it stays behind a test that was killed.
process.stdin.on('end', () => process.exit(1)).resume()
process.on('uncaughtException', error => { stray = error })
process.on('unhandledRejection', error => { stray = error })

for (const story of stories) {
  process.chdir(story.folder)
  let listening: string | null = null
  for (const step of story.steps) {
    let fault: string | null = null
    if (step.kind === 'commands') fault = await runCommands(step)
    else if (step.how === 'test') fault = await runTest(step)
    else if (step.how === 'run') {
      if (step.listens) {
        note(listening, await servers.end())
        listening = step.at
      }
      fault = await run(step)
      const faults = await samples.check()
      if (fault === null && faults.length > 0) fault = faults.join('\n')
    }
    results.push({ at: step.at, fault })
  }
  note(listening, await servers.end(true))
}
try {
  writeFileSync(resultsFile, JSON.stringify(results))
  process.exit(0)
} catch {
  process.exit(1) // The folder is gone, and so is whoever waits for results.
}

async function run (program: StagedProgram): Promise<string | null> {
  printed = ''
  stray = null
  try {
    const end = AbortSignal.timeout(deadlineMs)
    const outcome = await Promise.race([import(pathToFileURL(program.script).href), ended(end)])
    if (outcome === end) return `did not come to its end within ${deadlineMs / 1000} s; it had printed:\n${printed}`
  } catch (error) {
    return describe(error)
  }
  // What is said a moment later, by a stream or a listener, counts too.
  for (let turn = 0; turn < 40 && faultOf(program) !== null; turn++) await wait(50)
  return stray === null ? faultOf(program) : describe(stray)
}

function faultOf ({ says, shown }: StagedProgram): string | null {
  const unsaid = firstUnsaid(printed, says)
  if (unsaid !== null) return `should print "${unsaid}", but printed:\n${printed}`
  return shown === null || isShown(printed, shown) ? null : `should print\n${shown}but printed\n${printed}`
}

function ended (signal: AbortSignal): Promise<AbortSignal> {
  return new Promise(resolve => { signal.addEventListener('abort', () => resolve(signal)) })
}

/** A server that nobody called has not been shown to work. */
function note (at: string | null, answered: number): void {
  const result = results.find(one => one.at === at)
  if (result?.fault === null && answered === 0) result.fault = 'listens, but nothing on the page gets an answer of it'
}

function describe (error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : format(error)
}
