/** The parent's side of a contestant: starts it as a process of its own, asks it, ends it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Profiler } from 'node:inspector'
import { CPU_QUESTION, MEMORY_QUESTION, PROFILE_QUESTION } from './servers/protocol.ts'
import type { HostMessage, MemoryReading } from './servers/protocol.ts'
import { serverCommand } from './pin.ts'
import type { Pinning } from './pin.ts'

const TIMEOUT_MS = 30_000

/** A file of `servers/`, and the arguments it is started with. */
export interface Script {
  readonly file: string
  readonly args?: readonly string[]
}

export class RunningServer {
  readonly #process: ChildProcess
  readonly port: number

  private constructor (process: ChildProcess, port: number) {
    this.#process = process
    this.port = port
  }

  static async start ({ file, args = [] }: Script, pinning: Pinning): Promise<RunningServer> {
    const [command, ...before] = serverCommand(pinning)
    const path = fileURLToPath(new URL(`./servers/${file}.js`, import.meta.url))
    const child = spawn(command, [...before, '--expose-gc', path, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const message = await nextMessage(child)
    if (!('port' in message)) throw new Error(`${file} did not say its port`)
    return new RunningServer(child, message.port)
  }

  async memory (): Promise<MemoryReading> {
    this.#process.send(MEMORY_QUESTION)
    const message = await nextMessage(this.#process)
    if (!('memory' in message)) throw new Error('The server did not say its memory')
    return message.memory
  }

  /** Microseconds of processor time so far. */
  async cpu (): Promise<number> {
    this.#process.send(CPU_QUESTION)
    const message = await nextMessage(this.#process)
    if (!('cpu' in message)) throw new Error('The server did not say its processor time')
    return message.cpu
  }

  /** What the server does while `work` runs. */
  async profile (work: () => Promise<void>): Promise<Profiler.Profile> {
    this.#process.send(PROFILE_QUESTION)
    await nextMessage(this.#process)
    await work()
    this.#process.send(PROFILE_QUESTION)
    const message = await nextMessage(this.#process)
    if (!('profile' in message) || message.profile === null) throw new Error('The server did not say what it did')
    return message.profile
  }

  async stop (): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }
}

function nextMessage (child: ChildProcess): Promise<HostMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`No word from the server within ${TIMEOUT_MS} ms`))), TIMEOUT_MS)
    const onMessage = (message: unknown) => settle(() => resolve(message as HostMessage))
    const onEnd = (reason: unknown) => settle(() => reject(new Error(`The server ended: ${reason}`)))
    const settle = (answer: () => void) => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onEnd).off('error', onEnd)
      answer()
    }
    child.on('message', onMessage).on('exit', onEnd).on('error', onEnd)
  })
}
