import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The server as a process of its own. It does not outlive the test. */
export function startServer (t: Test, variables: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--conditions=mcp-source', '--import', 'tsx', MAIN], {
    env: { PATH, HOME, MCP_STORAGE: 'memory:', ...variables },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output.stdout += chunk })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { output.stderr += chunk })
  const ended = once(child, 'close').then(([code]) => Number(code))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, output, ended, listening: listening(child, output, ended) }
}

/** The endpoint's URL, read from the banner. */
async function listening (child: ChildProcess, output: { stdout: string, stderr: string }, ended: Promise<number>): Promise<string> {
  for (;;) {
    const url = /Endpoint +(\S+)/.exec(output.stdout)?.[1]
    if (url !== undefined) return url
    const event = await Promise.race([once(child.stdout ?? child, 'data'), ended])
    if (typeof event === 'number') throw new Error(`The server ended with ${event}: ${output.stderr}`)
  }
}
