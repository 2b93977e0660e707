/** Two nodes on one storage: sessions are opened on the first, and requests in them land on the second. */
import type { Pinning } from '../pin.ts'
import { RunningServer } from '../running-server.ts'
import type { Script } from '../running-server.ts'
import { askEach, openSessions } from './many.ts'
import type { Addressing } from './requests.ts'

/** Microseconds a request. */
export interface RebuildSample {
  /** Of the clock, with all connections busy. */
  readonly time: number
  /** Of the second node's processor time. */
  readonly cpu: number
}

export class RebuildLoad {
  readonly #first: RunningServer
  readonly #second: RunningServer
  readonly #count: number
  readonly #connections: number
  /** Sessions the second node knows. */
  #known: readonly Addressing[] = []

  private constructor (first: RunningServer, second: RunningServer, count: number, connections: number) {
    this.#first = first
    this.#second = second
    this.#count = count
    this.#connections = connections
  }

  static async start (script: Script, count: number, connections: number, pinning: Pinning): Promise<RebuildLoad> {
    const first = await RunningServer.start(script, pinning)
    try {
      return new RebuildLoad(first, await RunningServer.start(script, pinning), count, connections)
    } catch (error) {
      await first.stop()
      throw error
    }
  }

  async warmUp (ms: number): Promise<void> {
    const deadline = performance.now() + ms
    while (performance.now() < deadline) {
      await this.rebuild()
      await this.again()
    }
  }

  /** A request in sessions that the second node never saw. */
  async rebuild (): Promise<RebuildSample> {
    this.#known = await openSessions(this.#first.port, this.#count, this.#connections)
    return this.again()
  }

  /** A request in the sessions of the last rebuild. */
  async again (): Promise<RebuildSample> {
    const cpuBefore = await this.#second.cpu()
    const { seconds } = await askEach(this.#second.port, this.#known, this.#connections)
    const cpu = await this.#second.cpu() - cpuBefore
    return { time: seconds * 1e6 / this.#count, cpu: cpu / this.#count }
  }

  async stop (): Promise<void> {
    await this.#first.stop()
    await this.#second.stop()
  }
}
