/** Work: `echo` while it is counted, beside the same while nobody watches. */
import { RAW_MODERN, RAW_SESSION } from '../contestants.ts'
import type { Contestant } from '../contestants.ts'
import type { EchoSample } from '../load/echo.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { echoRounds } from './echo-rounds.ts'

const throughput = { work: '`echo`, calls per second, telemetry', value: (sample: EchoSample) => sample.perSecond }
const effort = { work: '`echo`, server CPU per call, telemetry', value: (sample: EchoSample) => sample.cpu, target: null }

export async function telemetryEcho (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const session = watched(RAW_SESSION)
  const modern = watched(RAW_MODERN)
  // Short rounds, and many: what is compared lies so close together that the moods of a machine within a longer one would decide.
  const short = { ...scale, echoMs: scale.echoMs / 4 }
  const { rounds, figures } = await echoRounds([RAW_SESSION, session, RAW_MODERN, modern], short, scale.rounds * 5, pinning, () => {})
  const comparisons: Array<Comparison<EchoSample>> = [
    { ...throughput, ours: session, yardstick: RAW_SESSION, target: { atLeast: 0.95 } },
    { ...throughput, ours: modern, yardstick: RAW_MODERN, target: { atLeast: 0.95 } },
    { ...effort, ours: session, yardstick: RAW_SESSION },
    { ...effort, ours: modern, yardstick: RAW_MODERN }
  ]
  const rows = comparisons.map(comparison => compare(rounds, comparison))
  return { title: `\`echo\` over ${scale.connections} connections, watched`, rows, figures, samples: Object.fromEntries(rounds) }
}

function watched ({ name, manner }: Contestant): Contestant {
  return { name: `${name}, metrics`, manner, script: { file: 'raw', args: ['--telemetry', '{}'] } }
}
