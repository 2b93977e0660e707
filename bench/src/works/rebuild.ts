/** Work: a request lands on a node that never saw its session, so the node rebuilds the SDK's server from the storage. */
import { SDK_SESSION } from '../contestants.ts'
import { medianOf, takeTurns } from '../measure.ts'
import type { RebuildSample } from '../load/rebuild.ts'
import { RebuildLoad } from '../load/rebuild.ts'
import { compare, notMeasured } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { REDIS_MISSING } from '../redis-server.ts'
import type { Scale } from '../scale.ts'
import { nameOn, on, Storages } from '../storages.ts'

/** Half of it goes into opening sessions; a server that rebuilds takes long until it is compiled. */
const WARM_UP_MS = 10_000

const time = (sample: RebuildSample) => sample.time
const cpu = (sample: RebuildSample) => sample.cpu

const rebuiltOn = (storage: string) => ({ name: `${nameOn(SDK_SESSION, storage)} the node never saw` })
const plainOn = (storage: string) => ({ name: `${nameOn(SDK_SESSION, storage)} the node knows` })

export async function rebuild (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const storages = await Storages.make(pinning)
  const loads: RebuildLoad[] = []
  try {
    const takes = new Map<string, () => Promise<RebuildSample>>()
    for (const [storage, address] of [['SQLite', storages.sqlite()], ['Redis', storages.redis]] as const) {
      if (address === null) continue
      const load = await RebuildLoad.start(on(SDK_SESSION, storage, address).script, scale.rebuiltSessions, scale.connections, pinning)
      loads.push(load)
      takes.set(rebuiltOn(storage).name, () => load.rebuild())
      takes.set(plainOn(storage).name, () => load.again())
      await load.warmUp(WARM_UP_MS)
    }
    const names = [...takes.keys()]
    const rounds = await takeTurns(names, scale.storageRounds, async name => {
      const take = takes.get(name)
      if (take === undefined) throw new Error(`${name} has no load`)
      return take()
    })
    const comparisons = ['SQLite', 'Redis'].flatMap((storage): Array<Comparison<RebuildSample>> => {
      const between = { ours: rebuiltOn(storage), yardstick: plainOn(storage) }
      return [
        { ...between, work: 'rebuild of a session, time of a request', value: time, target: { atMost: 3 } },
        { ...between, work: 'rebuild of a session, server CPU of a request', value: cpu, target: null }
      ]
    })
    const rows = comparisons
      .filter(({ ours, target }) => rounds.has(ours.name) || target !== null)
      .map(comparison => rounds.has(comparison.ours.name) ? compare(rounds, comparison) : notMeasured(comparison, REDIS_MISSING))
    const us = (value: number) => `${value.toFixed(0)} µs`
    const figures = names.map(contestant => ({
      contestant, figures: { 'time of a request': us(medianOf(rounds, contestant, time)), 'server CPU': us(medianOf(rounds, contestant, cpu)) }
    }))
    const title = `One request in each of ${scale.rebuiltSessions} sessions opened on another node, over ${scale.connections} connections`
    return { title, rows, figures, samples: Object.fromEntries(rounds) }
  } finally {
    for (const load of loads) await load.stop()
    await storages.remove()
  }
}
