/** Rounds of `echo` in which two contestants work at the same time, on one core: whatever happens on the machine happens to both. */
import type { Contestant } from '../contestants.ts'
import { Fleet } from '../fleet.ts'
import { EchoLoad } from '../load/echo.ts'
import type { EchoSample } from '../load/echo.ts'
import type { Rounds } from '../measure.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'

export type Pair = readonly [Contestant, Contestant]

/** Processes of the same code differ by some percent, each for as long as it lives: so each contestant has several, one after the other. */
const GENERATIONS = 5

export async function echoAtOnce (pairs: readonly Pair[], scale: Scale, pinning: Pinning): Promise<Rounds<EchoSample>> {
  const samples = new Map<string, EchoSample[]>(pairs.flat().map(({ name }) => [name, []]))
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const fleet = await Fleet.start(pairs.flat(), pinning)
    try {
      await generationOf(fleet, pairs, scale, samples)
    } finally {
      await fleet.stop()
    }
  }
  return samples
}

async function generationOf (
  fleet: Fleet, pairs: readonly Pair[], scale: Scale, samples: ReadonlyMap<string, EchoSample[]>
): Promise<void> {
  const loads = new Map<Contestant, EchoLoad>()
  for (const contestant of pairs.flat()) {
    const load = await EchoLoad.prepare(fleet.serverOf(contestant), contestant.manner, scale.connections, contestant.token)
    await load.warmUp(scale.warmUpCalls, scale.warmUpMs)
    loads.set(contestant, load)
  }
  for (let round = 0; round < scale.rounds; round++) {
    for (const pair of pairs) {
      await Promise.all(pair.map(async contestant => {
        const sample = await loads.get(contestant)?.run(scale.echoMs)
        if (sample !== undefined) samples.get(contestant.name)?.push(sample)
      }))
    }
  }
}
