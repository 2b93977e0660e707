/** What a run may be told from outside, and what it needs. */
import { redisIsMissing } from '../../../../packages/storage-redis/test/redis-server.ts'
import { nginxIsMissing } from './programs.ts'
import { Random } from './random.ts'

/** Kills of one run among three nodes: 20, or as many as `MCP_CHAOS_KILLS` says. */
export const KILLS = Number(process.env.MCP_CHAOS_KILLS ?? 20)

/** And of a node alone: 10, or as many. Everybody has to wait until it is back, so each takes its time. */
export const KILLS_ALONE = Number(process.env.MCP_CHAOS_KILLS ?? 10)

/** Whether a test plays every variant of an outage, as the long run does with `MCP_CHAOS_VARIANTS=all`, or the first one. */
export const ALL_VARIANTS = process.env.MCP_CHAOS_VARIANTS === 'all'

/** A call that has not ended by then never will: 30 s, or `MCP_CHAOS_PATIENCE_S`; and in any case there was a node for 8 s of them. */
export const PATIENCE_MS = 1_000 * Number(process.env.MCP_CHAOS_PATIENCE_S ?? 30)
export const PRESENCE_MS = 8_000

/** Chance for one run. `MCP_CHAOS_SEED` repeats an earlier one as far as the machine lets it. */
export function seeded (): Random {
  return new Random(Number(process.env.MCP_CHAOS_SEED ?? Date.now() % 1_000_000))
}

/**
 * Options for a test that needs these programs: skipped by name where one is missing and may not be installed; under `CI=true`
 * it runs, and fails.
 */
export function needing (...programs: ReadonlyArray<'nginx' | 'redis'>): { skip: string | false, timeout: number } {
  const missing = programs.map(program => program === 'nginx' ? nginxIsMissing() : redisIsMissing()).filter(reason => reason !== false)
  const skip = missing.length > 0 && process.env.CI !== 'true' ? missing.join('; ') : false
  return { skip, timeout: 60_000 + KILLS * 20_000 }
}
