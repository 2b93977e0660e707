/**
 * The lightest keep-alive client there is: one request under way per connection, a string out, a string in. It stays well
 * ahead of any HTTP server (the run prints how far), which general clients do not.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { isComplete } from './reply.ts'

const TIMEOUT_MS = 60_000

export type Done = (error: Error | null, reply: string) => void

export class Connection {
  readonly #socket: Socket
  #reply = ''
  #done: Done | null = null

  private constructor (socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => this.#read(chunk))
    socket.on('error', error => this.#finish(error))
    socket.on('close', () => this.#finish(new Error('The server closed the connection')))
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`No answer within ${TIMEOUT_MS} ms`)))
  }

  static async open (port: number): Promise<Connection> {
    return new Connection(await openSocket(port))
  }

  /** `done` is called once, with the whole reply as latin1 text. */
  send (request: string, done: Done): void {
    this.#done = done
    this.#socket.write(request, 'latin1')
  }

  ask (request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.send(request, (error, reply) => error === null ? resolve(reply) : reject(error))
    })
  }

  close (): void {
    this.#done = null
    this.#socket.destroy()
  }

  #read (chunk: Buffer): void {
    this.#reply += chunk.toString('latin1')
    try {
      if (isComplete(this.#reply)) this.#finish(null)
    } catch (error) {
      this.#finish(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #finish (error: Error | null): void {
    const done = this.#done
    const reply = this.#reply
    this.#done = null
    this.#reply = ''
    done?.(error, reply)
  }
}

export function openSocket (port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
