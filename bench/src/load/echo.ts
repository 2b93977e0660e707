/** `echo` calls over keep-alive connections, each sending the next call when the answer to the last one is in. */
import { isDeepStrictEqual } from 'node:util'
import type { RunningServer } from '../running-server.ts'
import { awake } from './awake.ts'
import { Connection } from './connection.ts'
import { messageOf, statusOf } from './reply.ts'
import { echoRequests, FIRST_ID } from './requests.ts'
import type { Addressing } from './requests.ts'
import { open } from './session.ts'
import type { Manner } from './session.ts'

/** Latencies in milliseconds. */
export interface EchoSample {
  readonly calls: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Microseconds of the server's processor time for a call: what others do on the machine hardly touches it. */
  readonly cpu: number
}

const WARM_UP_STEP_MS = 500

interface Client {
  readonly addressing: Addressing
  readonly request: (id: number) => string
  nextId: number
}

export class EchoLoad {
  readonly #server: RunningServer
  readonly #clients: Client[]
  /** The result of a first `echo`, the same call for every contestant. */
  readonly firstResult: unknown

  private constructor (server: RunningServer, clients: Client[], firstResult: unknown) {
    this.#server = server
    this.#clients = clients
    this.firstResult = firstResult
  }

  /** Opens a session for each connection where the manner has sessions, and checks one answer in each in detail. */
  static async prepare (server: RunningServer, manner: Manner, connections: number, token?: string): Promise<EchoLoad> {
    const { port } = server
    const connection = await Connection.open(port)
    const clients: Client[] = []
    let firstResult: unknown
    for (let i = 0; i < connections; i++) {
      const addressing = await open(connection, port, manner, token)
      const client = { addressing, request: echoRequests(port, addressing), nextId: FIRST_ID }
      firstResult = checkAnswer(await connection.ask(client.request(client.nextId)), client.nextId++)
      clients.push(client)
    }
    connection.close()
    return new EchoLoad(server, clients, firstResult)
  }

  /** Runs until the server is compiled and settled: that many calls, within that time. */
  async warmUp (calls: number, atMostMs: number): Promise<void> {
    const deadline = performance.now() + atMostMs
    for (let done = 0; done < calls && performance.now() < deadline;) done += (await this.run(WARM_UP_STEP_MS)).calls
  }

  /** `polls`: whether the load stays awake, for which it needs a core of its own. */
  async run (durationMs: number, polls = true): Promise<EchoSample> {
    const connections = await Promise.all(this.#clients.map(() => Connection.open(this.#server.port)))
    const latencies: number[] = []
    const cpuBefore = await this.#server.cpu()
    const start = performance.now()
    const deadline = start + durationMs
    const work = (): Promise<unknown> => Promise.all(this.#clients.map((client, i) => loop(client, connections[i], deadline, latencies)))
    await (polls ? awake(work) : work())
    const seconds = (performance.now() - start) / 1000
    const cpu = (await this.#server.cpu() - cpuBefore) / latencies.length
    for (const connection of connections) connection.close()
    const sorted = Float64Array.from(latencies).sort()
    const quantile = (q: number) => sorted[Math.floor(sorted.length * q)] ?? 0
    return { calls: sorted.length, perSecond: sorted.length / seconds, p50: quantile(0.5), p99: quantile(0.99), cpu }
  }
}

function loop (client: Client, connection: Connection | undefined, deadline: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const id = client.nextId++
      const sent = performance.now()
      connection?.send(client.request(id), (error, reply) => {
        if (error !== null) return reject(error)
        const now = performance.now()
        // Every answer is looked at: a page of errors must not pass for speed.
        if (statusOf(reply) !== 200 || !reply.includes(`"echo ${id}"`)) return reject(new Error(`A wrong answer to ${id}:\n${reply}`))
        latencies.push(now - sent)
        if (now < deadline) next()
        else resolve()
      })
    }
    next()
  })
}

function checkAnswer (reply: string, id: number): unknown {
  const { result, ...rest } = messageOf(reply) as { result?: { content?: unknown } }
  const right = isDeepStrictEqual(rest, { jsonrpc: '2.0', id }) &&
    isDeepStrictEqual(result?.content, [{ type: 'text', text: `echo ${id}` }])
  if (statusOf(reply) !== 200 || !right) throw new Error(`A wrong answer to ${id}:\n${reply}`)
  return result
}
