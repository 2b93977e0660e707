/** Work: one call answered with 20,000 progress events on its stream, as fast as the peer reads. */
import { isDeepStrictEqual } from 'node:util'
import { BARE_MODERN, BARE_SESSION, FASTIFY_MCP, HANDLER, NODE_SSE, RAW_MODERN, RAW_SESSION, SDK_MODERN, SDK_SESSION, V1 } from '../contestants.ts'
import type { BurstSample } from '../load/burst.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { burstRounds } from './burst-rounds.ts'

const CONTESTANTS = [BARE_SESSION, RAW_SESSION, RAW_MODERN, BARE_MODERN, SDK_MODERN, HANDLER, NODE_SSE, SDK_SESSION, V1, FASTIFY_MCP]

const perSecond = (sample: BurstSample) => sample.perSecond
const unstored = { work: '`burst`, events per second', value: perSecond }
const stored = { work: '`burst`, events per second, events stored for replay', value: perSecond }

const COMPARISONS: ReadonlyArray<Comparison<BurstSample>> = [
  { ...unstored, ours: RAW_MODERN, yardstick: BARE_MODERN, target: { atLeast: 0.5 } },
  { ...stored, ours: RAW_SESSION, yardstick: BARE_SESSION, target: null },
  { ...stored, ours: RAW_SESSION, yardstick: NODE_SSE, target: null },
  { ...stored, ours: SDK_SESSION, yardstick: NODE_SSE, target: null },
  { ...unstored, ours: RAW_MODERN, yardstick: HANDLER, target: null },
  { ...unstored, ours: SDK_MODERN, yardstick: HANDLER, target: null }
]

export async function burst (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const { rounds, figures } = await burstRounds(CONTESTANTS, scale, scale.rounds, pinning, messages => {
    if (isDeepStrictEqual(messages.get(RAW_MODERN.name), messages.get(BARE_MODERN.name))) return
    throw new Error('The bare route writes other messages than ours')
  })
  const rows = COMPARISONS.map(comparison => compare(rounds, comparison))
  return { title: `\`burst\` of ${scale.burstEvents} events`, rows, figures, samples: Object.fromEntries(rounds) }
}
