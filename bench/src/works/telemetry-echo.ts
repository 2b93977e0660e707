/** Work: `echo` while it is counted, beside the same while nobody watches: so close together that only what runs at once tells. */
import { RAW_MODERN, RAW_SESSION } from '../contestants.ts'
import type { Contestant } from '../contestants.ts'
import type { EchoSample } from '../load/echo.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { echoAtOnce } from './echo-at-once.ts'
import { figureOf } from './echo-rounds.ts'

const throughput = { work: '`echo`, calls per second, telemetry', value: (sample: EchoSample) => sample.perSecond, target: null }
/** Calls that the same processor time is enough for: both have half of a core, more or less. */
const economy = { work: '`echo`, calls per second of server CPU, telemetry', value: (sample: EchoSample) => 1 / sample.cpu, target: { atLeast: 0.95 } }

export async function telemetryEcho (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const session = watched(RAW_SESSION)
  const modern = watched(RAW_MODERN)
  const rounds = await echoAtOnce([[session, RAW_SESSION], [modern, RAW_MODERN]], scale, pinning)
  const comparisons: Array<Comparison<EchoSample>> = [
    { ...economy, ours: session, yardstick: RAW_SESSION },
    { ...economy, ours: modern, yardstick: RAW_MODERN },
    { ...throughput, ours: session, yardstick: RAW_SESSION },
    { ...throughput, ours: modern, yardstick: RAW_MODERN }
  ]
  const rows = comparisons.map(comparison => compare(rounds, comparison))
  const figures = [...rounds.keys()].map(name => figureOf(rounds, name))
  return { title: `\`echo\` over ${scale.connections} connections, watched`, rows, figures, samples: Object.fromEntries(rounds) }
}

function watched ({ name, manner }: Contestant): Contestant {
  return { name: `${name}, metrics`, manner, script: { file: 'raw', args: ['--telemetry', '{}'] } }
}
