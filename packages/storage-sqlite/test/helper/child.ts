import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildProcess } from 'node:child_process'

/** Starts a script of this folder as a process of its own, from its sources; as another user where one is given. */
export function startChild (script: string, args: readonly string[] = [], uid?: number): ChildProcess {
  return fork(fileURLToPath(new URL(script, import.meta.url)), [...args], {
    execArgv: ['--conditions=mcp-source', '--import', 'tsx'],
    // Keeps `undefined` and odd text as they are.
    serialization: 'advanced',
    ...(uid === undefined ? {} : { uid }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
}

export async function stopChild (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
