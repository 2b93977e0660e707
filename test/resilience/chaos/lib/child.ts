/** A process that is started, killed and started again, and that never outlives the one that started it. */
import { spawn, type ChildProcess } from 'node:child_process'

const KEPT_CHARACTERS = 8_000

export class Child {
  readonly #command: string
  readonly #args: readonly string[]
  readonly #env: NodeJS.ProcessEnv
  #running: ChildProcess | null = null
  #guard: ChildProcess | null = null
  #expected = false
  /** The end of what it printed, over all its lives. */
  output = ''
  /** Deaths nobody asked for, as text. */
  readonly accidents: string[] = []

  constructor (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#command = command
    this.#args = args
    this.#env = env
  }

  get alive (): boolean {
    return this.#running !== null
  }

  /** Starts it. Resolves when `ready` says so of what it printed, or at once; rejects when it ends before. */
  start (ready: RegExp | null = null, timeoutMs = 30_000): Promise<void> {
    const child = this.#running = spawn(this.#command, this.#args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#guard = guardOf(child)
    this.#expected = false
    const guard = this.#guard
    return new Promise((resolve, reject) => {
      let printed = ''
      const timer = setTimeout(() => reject(new Error(`${this.#command} was not ready in ${timeoutMs} ms:\n${printed}`)), timeoutMs)
      const settle = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const read = (chunk: string): void => {
        this.output = (this.output + chunk).slice(-KEPT_CHARACTERS)
        if (ready === null) return
        printed = (printed + chunk).slice(-KEPT_CHARACTERS)
        if (ready.test(printed)) settle()
      }
      child.stdout?.setEncoding('utf8').on('data', read)
      child.stderr?.setEncoding('utf8').on('data', read)
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        guard.kill('SIGKILL')
        if (this.#running === child) this.#running = null
        if (!this.#expected) this.accidents.push(`${this.#command} ended by itself with ${signal ?? code}:\n${this.output}`)
        reject(new Error(`${this.#command} ended with ${signal ?? code}:\n${printed}`))
      })
      if (ready === null) settle()
    })
  }

  /** Sends a signal that ends it. Resolves with how it ended: the code, or the signal. */
  async end (signal: 'SIGKILL' | 'SIGTERM', patienceMs = 30_000): Promise<number | string | null> {
    const child = this.#running
    if (child === null) return null
    this.#expected = true
    const gone = new Promise<number | string | null>(resolve => child.once('exit', (code, by) => resolve(by ?? code)))
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    const how = await gone
    clearTimeout(timer)
    return how
  }
}

/** Ends it when this process ends, in whatever way: the guard's input closes with it. */
function guardOf ({ pid }: ChildProcess): ChildProcess {
  return spawn('sh', ['-c', `cat > /dev/null; kill -KILL ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
}
