/** Rounds of `echo` among any contestants. */
import type { Contestant } from '../contestants.ts'
import { Fleet } from '../fleet.ts'
import { EchoLoad } from '../load/echo.ts'
import type { EchoSample } from '../load/echo.ts'
import { medianOf, takeTurns } from '../measure.ts'
import type { Rounds } from '../measure.ts'
import type { Figure } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'

export interface EchoRounds {
  readonly rounds: Rounds<EchoSample>
  readonly figures: readonly Figure[]
}

/** `check` gets the result each contestant gave to the same first call, by its name. */
export async function echoRounds (
  contestants: readonly Contestant[], scale: Scale, count: number, pinning: Pinning,
  check: (firstResults: ReadonlyMap<string, unknown>) => void, polls = true
): Promise<EchoRounds> {
  const fleet = await Fleet.start(contestants, pinning)
  try {
    const loads = new Map<string, EchoLoad>()
    for (const contestant of contestants) {
      const load = await EchoLoad.prepare(fleet.serverOf(contestant), contestant.manner, scale.connections, contestant.token)
      loads.set(contestant.name, load)
      await load.warmUp(scale.warmUpCalls, scale.warmUpMs)
    }
    check(new Map([...loads].map(([name, { firstResult }]) => [name, firstResult])))
    const rounds = await takeTurns([...loads.keys()], count, async name => {
      const load = loads.get(name)
      if (load === undefined) throw new Error(`${name} has no load`)
      return load.run(scale.echoMs, polls)
    })
    return { rounds, figures: [...loads.keys()].map(name => figureOf(rounds, name)) }
  } finally {
    await fleet.stop()
  }
}

export function figureOf (rounds: Rounds<EchoSample>, contestant: string): Figure {
  const figure = (value: (sample: EchoSample) => number) => medianOf(rounds, contestant, value)
  const ms = (value: number) => `${value.toFixed(2)} ms`
  return {
    contestant,
    figures: {
      'calls per second': Math.round(figure(sample => sample.perSecond)).toLocaleString('en'),
      p50: ms(figure(sample => sample.p50)),
      p99: ms(figure(sample => sample.p99)),
      'server CPU per call': `${figure(sample => sample.cpu).toFixed(0)} µs`
    }
  }
}
