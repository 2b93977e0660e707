/** What a work says when it is done. */
import { ratio, spread } from './measure.ts'
import type { Rounds, Spread } from './measure.ts'

export type Target = { readonly atLeast: number } | { readonly atMost: number } | null

export type Unit = '×' | 'ms' | 'MiB'

export interface Row {
  readonly work: string
  readonly ours: string
  /** With whom, or with what. */
  readonly yardstick: string
  /** `null` where something needed for it is missing on this machine: `missing` says what to do. */
  readonly measured: Spread | null
  readonly unit: Unit
  readonly target: Target
  /** `null`: there is no target, or it was not measured. */
  readonly met: boolean | null
  readonly missing: string | null
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
  /** When and where, if not with the rest of the run. */
  readonly taken?: string
}

interface Named {
  readonly name: string
}

/** What a row compares: `value` of two contestants, `ours` divided by the yardstick's. */
export interface Comparison<Sample> {
  readonly work: string
  readonly ours: Named
  readonly yardstick: Named
  readonly target: Target
  readonly value: (sample: Sample) => number
}

export function compare<Sample> (rounds: Rounds<Sample>, { work, ours, yardstick, target, value }: Comparison<Sample>): Row {
  const measured = ratio(rounds, ours.name, yardstick.name, value)
  return { work, ours: ours.name, yardstick: yardstick.name, measured, unit: '×', target, met: isMet(measured.median, target), missing: null }
}

/** What a row holds to a limit of its own; the yardstick only stands beside it. */
export interface Limit<Sample> extends Omit<Comparison<Sample>, 'yardstick'> {
  readonly unit: Unit
  readonly yardstick: string
}

export function limit<Sample> (rounds: Rounds<Sample>, { work, ours, yardstick, unit, target, value }: Limit<Sample>): Row {
  const measured = spread(rounds, ours.name, value)
  return { work, ours: ours.name, yardstick, measured, unit, target, met: isMet(measured.median, target), missing: null }
}

/** The row of a comparison that could not be made. `missing` says what to do about it. */
export function notMeasured<Sample> ({ work, ours, yardstick, target }: Comparison<Sample>, missing: string): Row {
  return { work, ours: ours.name, yardstick: yardstick.name, measured: null, unit: '×', target, met: null, missing }
}

function isMet (value: number, target: Target): boolean | null {
  if (target === null) return null
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}
