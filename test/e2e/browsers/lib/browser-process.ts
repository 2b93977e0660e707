/** The process of a browser, and everything it starts and writes: all in one directory, all gone in the end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 60_000
/** For a browser that was told to close, before it is killed; and for the kernel to clear away what was killed. */
const END_MS = 5_000
const KEPT_CHARACTERS = 8_000

/** A directory of its own for one browser: its home, its profile, its temporary files. */
export function browserDirectory (name: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), `mcp-${name}-`))
  for (const below of ['profile', 'tmp']) mkdirSync(path.join(directory, below))
  return directory
}

export class BrowserProcess {
  readonly #child: ChildProcess
  readonly #guard: ChildProcess
  readonly #directory: string
  /** Resolves when it has ended. */
  readonly exited: Promise<void>
  #printed = ''

  constructor (program: string, args: readonly string[], directory: string) {
    this.#directory = directory
    // A developer's own settings, caches and running browser have no part in it.
    const own = { HOME: directory, TMPDIR: path.join(directory, 'tmp'), XDG_RUNTIME_DIR: directory, DBUS_SESSION_BUS_ADDRESS: 'disabled:' }
    const { PATH, LANG } = process.env
    const env = { ...(PATH !== undefined && { PATH }), ...(LANG !== undefined && { LANG }), ...own }
    // A process group of its own, which can be killed as a whole.
    const child = this.#child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = new Promise(resolve => {
      child.once('exit', () => resolve())
      child.once('error', error => {
        this.#printed += String(error)
        resolve()
      })
    })
    const read = (chunk: string): void => { this.#printed = (this.#printed + chunk).slice(-KEPT_CHARACTERS) }
    child.stdout?.setEncoding('utf8').on('data', read)
    child.stderr?.setEncoding('utf8').on('data', read)
    this.#guard = guardOf(child, directory)
  }

  /** The end of what it printed. */
  get printed (): string {
    return this.#printed
  }

  /** Resolves with what `wanted` captures of what it prints. @throws With all that it printed, when it ends or takes too long. */
  async says (wanted: RegExp): Promise<string> {
    const deadline = AbortSignal.timeout(START_MS)
    let over = false
    const ended = this.exited.then(() => { over = true })
    for (;;) {
      const found = wanted.exec(this.#printed)?.[1]
      if (found !== undefined) return found
      if (over || deadline.aborted) throw new Error(`it ${over ? 'ended' : `did not start in ${START_MS} ms`}; it printed:\n${this.#printed}`)
      const streams = [this.#child.stdout, this.#child.stderr].filter(stream => stream !== null)
      const waiting = new AbortController()
      const signal = AbortSignal.any([deadline, waiting.signal])
      await Promise.race([ended, ...streams.map(stream => once(stream, 'data', { signal }))]).catch(() => {})
      waiting.abort()
    }
  }

  /** Asks all of it to end. */
  terminate (): void {
    signalGroup(this.#child.pid, 'SIGTERM')
  }

  /**
   * Kills what is left of the browser, and removes its directory.
   * @param told Whether it was told to end, and gets time to do so by itself.
   * @throws When something of it survived.
   */
  async close (told: boolean): Promise<void> {
    const patience = new AbortController()
    if (told) await Promise.race([this.exited, sleep(END_MS, undefined, { signal: patience.signal }).catch(() => {})])
    patience.abort()
    this.#guard.kill('SIGKILL')
    signalGroup(this.#child.pid, 'SIGKILL')
    await this.exited
    const deadline = Date.now() + END_MS
    while (processesIn(this.#directory).length > 0) {
      if (Date.now() > deadline) throw new Error(`processes of the browser survived: ${processesIn(this.#directory).join(', ')}`)
      await sleep(10)
    }
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Those that have this home, by their ids. On Linux; elsewhere none is known. */
export function processesIn (directory: string): number[] {
  const pids = (readdirSync('/proc', { encoding: 'utf8' })).filter(name => /^\d+$/.test(name))
  return pids.filter(pid => environmentOf(pid).includes(`HOME=${directory}`)).map(Number)
}

function environmentOf (pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return [] // It ended, or is somebody else's.
  }
}

function signalGroup (leader: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch {
    // All of it ended by itself.
  }
}

/** Ends the browser when this process ends, in whatever way: the guard's input closes with it. No `--` before the group: dash has none. */
function guardOf ({ pid }: ChildProcess, directory: string): ChildProcess {
  const script = 'trap "" INT TERM HUP; cat > /dev/null; kill -KILL "-$1"; sleep 1; rm -rf "$2"'
  return spawn('sh', ['-c', script, 'guard', String(pid), directory], { stdio: ['pipe', 'ignore', 'ignore'] })
}
