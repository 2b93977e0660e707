/** Work: `echo`, answered with JSON; calls per second and the 99th percentile of their latency. */
import { isDeepStrictEqual } from 'node:util'
import {
  BARE_MODERN, BARE_SESSION, CEILING, FASTIFY_MCP, HANDLER, NODE_JSON, NODE_SSE, RAW_MODERN, RAW_SESSION, SDK_MODERN, SDK_SESSION, V1
} from '../contestants.ts'
import type { Contestant } from '../contestants.ts'
import type { EchoSample } from '../load/echo.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { echoRounds } from './echo-rounds.ts'

// Contestants that are compared stand next to each other: they run within seconds of each other.
const CONTESTANTS = [
  BARE_SESSION, RAW_SESSION, RAW_MODERN, BARE_MODERN, NODE_SSE, NODE_JSON, SDK_SESSION, SDK_MODERN, HANDLER, V1, FASTIFY_MCP, CEILING
]

const perSecond = (sample: EchoSample) => sample.perSecond
const p99 = (sample: EchoSample) => sample.p99
const cpu = (sample: EchoSample) => sample.cpu
const throughput = { work: '`echo`, calls per second', value: perSecond }
const latency = { work: '`echo`, p99 latency at 16 connections', value: p99 }
const effort = { work: '`echo`, server CPU per call', value: cpu, target: null }

const COMPARISONS: ReadonlyArray<Comparison<EchoSample>> = [
  { ...throughput, ours: RAW_SESSION, yardstick: BARE_SESSION, target: { atLeast: 0.8 } },
  { ...throughput, ours: RAW_MODERN, yardstick: BARE_MODERN, target: { atLeast: 0.8 } },
  { ...throughput, ours: SDK_SESSION, yardstick: NODE_SSE, target: { atLeast: 2 } },
  { ...throughput, ours: SDK_MODERN, yardstick: HANDLER, target: { atLeast: 2 } },
  { ...latency, ours: RAW_SESSION, yardstick: BARE_SESSION, target: { atMost: 1.5 } },
  { ...latency, ours: RAW_MODERN, yardstick: BARE_MODERN, target: { atMost: 1.5 } },
  { ...effort, ours: RAW_SESSION, yardstick: BARE_SESSION },
  { ...effort, ours: RAW_MODERN, yardstick: BARE_MODERN },
  { ...effort, ours: SDK_SESSION, yardstick: NODE_JSON },
  { ...effort, ours: SDK_MODERN, yardstick: HANDLER },
  // Not how the peer comes: by its default it answers with an event stream.
  { ...throughput, ours: SDK_SESSION, yardstick: NODE_JSON, target: null },
  { ...throughput, ours: SDK_SESSION, yardstick: V1, target: null },
  { ...throughput, ours: SDK_SESSION, yardstick: FASTIFY_MCP, target: null },
  { ...throughput, ours: CEILING, yardstick: BARE_SESSION, target: null }
]

export async function echo (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const { rounds, figures } = await echoRounds(CONTESTANTS, scale, scale.rounds, pinning, firstResults => {
    mustAgree(firstResults, RAW_SESSION, BARE_SESSION)
    mustAgree(firstResults, RAW_MODERN, BARE_MODERN)
  })
  const rows = COMPARISONS.map(comparison => compare(rounds, comparison))
  return { title: `\`echo\` over ${scale.connections} connections`, rows, figures, samples: Object.fromEntries(rounds) }
}

/** A bare route that answers something else would be no yardstick. */
function mustAgree (firstResults: ReadonlyMap<string, unknown>, ours: Contestant, yardstick: Contestant): void {
  if (isDeepStrictEqual(firstResults.get(ours.name), firstResults.get(yardstick.name))) return
  throw new Error(`${ours.name} and ${yardstick.name} answer differently`)
}
