/** What a work says when it is done. */
import type { Contestant } from './contestants.ts'
import { ratio } from './measure.ts'
import type { Ratio, Rounds } from './measure.ts'

export type Target = { readonly atLeast: number } | { readonly atMost: number } | null

export interface Row {
  readonly work: string
  readonly ours: string
  readonly yardstick: string
  readonly ratio: Ratio
  readonly target: Target
  /** `null`: there is no target, the row is for information. */
  readonly met: boolean | null
}

/** The absolute figures behind the ratios: they hold for one machine on one day. */
export interface Figure {
  readonly contestant: string
  readonly figures: Readonly<Record<string, string>>
}

export interface Outcome {
  readonly title: string
  readonly rows: readonly Row[]
  readonly figures: readonly Figure[]
  readonly samples: Readonly<Record<string, readonly unknown[]>>
}

/** What a row compares: `value` of two contestants, `ours` divided by the yardstick's. */
export interface Comparison<Sample> {
  readonly work: string
  readonly ours: Contestant
  readonly yardstick: Contestant
  readonly target: Target
  readonly value: (sample: Sample) => number
}

export function compare<Sample> (rounds: Rounds<Sample>, { work, ours, yardstick, target, value }: Comparison<Sample>): Row {
  const found = ratio(rounds, ours.name, yardstick.name, value)
  return { work, ours: ours.name, yardstick: yardstick.name, ratio: found, target, met: isMet(found.median, target) }
}

function isMet (value: number, target: Target): boolean | null {
  if (target === null) return null
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}
