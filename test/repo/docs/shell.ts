import { spawn } from 'node:child_process'
import { isShown, hasBegun } from './printed.ts'
import type { StagedProgram } from './stage.ts'
import type { Commands } from './story.ts'

const deadlineMs = 60_000

/** Runs them with bash. Answers what was wrong; `null` where nothing was. */
export async function runCommands ({ text, shown }: Commands): Promise<string | null> {
  const { code, printed } = await runProgram('bash', ['-euo', 'pipefail', '-c', text], sofar => shown !== null && hasBegun(sofar, shown))
  if (shown === null) return code === 0 ? null : `ended with ${code}:\n${printed}`
  if (isShown(printed, shown)) return code === 0 || code === null ? null : `ended with ${code}`
  return `should print\n${shown}but printed\n${printed}`
}

/** A test file of the page, in a process of its own, as a test runner would run it. */
export async function runTest ({ script }: StagedProgram): Promise<string | null> {
  const { code, printed } = await runProgram(process.execPath, [script], () => false)
  return code === 0 && !/^\s*not ok/m.test(printed) ? null : `ended with ${code}:\n${printed}`
}

/** How a program ended: `code` is `null` when it was killed. */
interface Ended {
  code: number | null
  printed: string
}

/** @param enough Asked with what was printed so far: whether the program need not go on. */
function runProgram (program: string, parameters: string[], enough: (printed: string) => boolean): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that pipelines end as a whole.
    const child = spawn(program, parameters, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], cwd: process.cwd() })
    const end = () => { if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL') }
    const timer = setTimeout(end, deadlineMs)
    let printed = ''
    const take = (chunk: string): void => {
      printed += chunk
      if (enough(printed)) end()
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, printed })
    })
  })
}
