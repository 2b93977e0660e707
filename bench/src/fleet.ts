/** The servers of one work: one process for each script, all alive at once, only one of them busy. */
import type { Contestant } from './contestants.ts'
import type { Pinning } from './pin.ts'
import { RunningServer } from './running-server.ts'
import type { Script } from './running-server.ts'

export class Fleet {
  readonly #servers = new Map<string, RunningServer>()

  static async start (contestants: readonly Contestant[], pinning: Pinning): Promise<Fleet> {
    const fleet = new Fleet()
    try {
      for (const { script } of contestants) {
        if (!fleet.#servers.has(keyOf(script))) fleet.#servers.set(keyOf(script), await RunningServer.start(script, pinning))
      }
    } catch (error) {
      await fleet.stop()
      throw error
    }
    return fleet
  }

  serverOf ({ name, script }: Contestant): RunningServer {
    const server = this.#servers.get(keyOf(script))
    if (server === undefined) throw new Error(`${name} was not started`)
    return server
  }

  async stop (): Promise<void> {
    for (const server of this.#servers.values()) await server.stop()
  }
}

function keyOf ({ file, args = [] }: Script): string {
  return [file, ...args].join(' ')
}
