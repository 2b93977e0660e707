/** How long counting goes on before it starts anew: milliseconds, or words such as `10 seconds` and `1 minute`. */
export type TimeWindow = number | string

const UNITS: Readonly<Record<string, number>> = { ms: 1, second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const MAX_MS = 31 * 86_400_000

/** Milliseconds, or `null` for what is no span of 1 ms to 31 days. */
export function windowMs (window: unknown): number | null {
  const ms = typeof window === 'string' ? wordsToMs(window) : window
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= 1 && ms <= MAX_MS ? ms : null
}

function wordsToMs (words: string): number | null {
  const [, count = '1', unit = ''] = /^(?:(\d{1,9}) ?)?(ms|second|minute|hour|day)s?$/.exec(words.trim()) ?? []
  const scale = UNITS[unit]
  return scale === undefined ? null : Number(count) * scale
}
