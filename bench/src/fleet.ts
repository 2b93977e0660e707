/**
 * The servers of one work: a process for each contestant, all alive at once, only one of them busy. None is shared, also where two
 * contestants are the same script: code that is called in two manners is compiled for both.
 */
import type { Contestant } from './contestants.ts'
import type { Pinning } from './pin.ts'
import { RunningServer } from './running-server.ts'

export class Fleet {
  readonly #servers = new Map<string, RunningServer>()

  static async start (contestants: readonly Contestant[], pinning: Pinning): Promise<Fleet> {
    const fleet = new Fleet()
    try {
      for (const { name, script } of contestants) fleet.#servers.set(name, await RunningServer.start(script, pinning))
    } catch (error) {
      await fleet.stop()
      throw error
    }
    return fleet
  }

  serverOf ({ name }: Contestant): RunningServer {
    const server = this.#servers.get(name)
    if (server === undefined) throw new Error(`${name} was not started`)
    return server
  }

  async stop (): Promise<void> {
    for (const server of this.#servers.values()) await server.stop()
  }
}
