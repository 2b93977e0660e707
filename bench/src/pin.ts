/** Which core serves and which one makes the load: on one core they would measure each other. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Pinning {
  /** Core numbers; `null` where processes are left to the scheduler. */
  readonly server: number | null
  readonly load: number | null
  /** For a storage that is a process of its own: a third core where there is one, else that of the load. */
  readonly store: number | null
  /** For the report. */
  readonly description: string
}

export function choosePinning (): Pinning {
  const cores = allowedCores()
  if (cores.length < 2) return none('one core only: server and load share it')
  if (!hasTaskset()) return none('not pinned: `taskset` is not installed')
  const [server = 0] = cores
  const siblings = coreList(`/sys/devices/system/cpu/cpu${server}/topology/thread_siblings_list`)
  const others = cores.filter(core => core !== server)
  const load = others.find(core => !siblings.includes(core)) ?? others[0] ?? server
  const store = others.find(core => core !== load && !siblings.includes(core)) ?? load
  return { server, load, store, description: `server on core ${server}, load on core ${load}, Redis on core ${store}` }
}

/** Pins the calling process, with the threads it has. */
export function pinSelf ({ load }: Pinning): void {
  if (load !== null) execFileSync('taskset', ['-acp', String(load), String(process.pid)], { stdio: 'ignore' })
}

/** The command line that runs Node.js on the core for servers. */
export function serverCommand ({ server }: Pinning): [command: string, ...args: string[]] {
  return server === null ? [process.execPath] : ['taskset', '-c', String(server), process.execPath]
}

/** The command line that runs another program on the core for storages. */
export function storeCommand ({ store }: Pinning, program: string): [command: string, ...args: string[]] {
  return store === null ? [program] : ['taskset', '-c', String(store), program]
}

function none (description: string): Pinning {
  return { server: null, load: null, store: null, description }
}

function hasTaskset (): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function allowedCores (): number[] {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return parseCores(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '')
  } catch {
    return []
  }
}

function coreList (path: string): number[] {
  try {
    return parseCores(readFileSync(path, 'utf8').trim())
  } catch {
    return []
  }
}

/** `0-2,5` → 0, 1, 2, 5 */
function parseCores (list: string): number[] {
  return list.split(',').filter(part => part !== '').flatMap(part => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}
