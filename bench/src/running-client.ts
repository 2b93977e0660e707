/** The parent's side of a client: a process of its own, on the core of the load, which it inherits. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ClientMessage, ClientSample, Order } from './clients/protocol.ts'

const TIMEOUT_MS = 60_000

/** A client, and how it speaks. */
export interface ClientContestant {
  readonly name: string
  /** A file of `clients/`. */
  readonly file: string
  readonly manner: 'session' | 'modern'
}

export class RunningClient {
  readonly #process: ChildProcess

  private constructor (process: ChildProcess) {
    this.#process = process
  }

  static async start ({ file, manner }: ClientContestant, port: number): Promise<RunningClient> {
    const path = fileURLToPath(new URL(`./clients/${file}.js`, import.meta.url))
    const child = spawn(process.execPath, [path, `http://127.0.0.1:${port}/mcp`, manner], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const client = new RunningClient(child)
    if (!('ready' in await client.#next())) throw new Error(`${file} did not get ready`)
    return client
  }

  async obey (order: Order): Promise<ClientSample> {
    const answer = this.#next()
    this.#process.send(order)
    const message = await answer
    if (!('sample' in message)) throw new Error('The client did not say what it measured')
    return message.sample
  }

  async stop (): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise(resolve => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await gone
  }

  #next (): Promise<ClientMessage> {
    const child = this.#process
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`No word from the client within ${TIMEOUT_MS} ms`))), TIMEOUT_MS)
      const onMessage = (message: unknown) => settle(() => resolve(message as ClientMessage))
      const onEnd = (reason: unknown) => settle(() => reject(new Error(`The client ended: ${reason}`)))
      const settle = (answer: () => void) => {
        clearTimeout(timer)
        child.off('message', onMessage).off('exit', onEnd).off('error', onEnd)
        answer()
      }
      child.on('message', onMessage).on('exit', onEnd).on('error', onEnd)
    })
  }
}
