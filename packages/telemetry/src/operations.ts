/** Durations of operations, by what they were and how they ended. */
import { DurationSeries, OPERATION_BOUNDS } from './durations.ts'
import { OTHER } from './names.ts'
import type { Outcome } from './outcome.ts'

/** What an operation was about: a tool or prompt by its label, or nothing that has a name. */
export type TargetKind = 'tool' | 'prompt' | null

export interface Operation {
  /** Labels; '' where there is none. */
  readonly method: string
  readonly target: TargetKind
  readonly name: string
  readonly revision: string
  readonly outcome: Outcome
  readonly errorType: string
}

export class OperationSeries extends DurationSeries {
  readonly operation: Operation

  constructor (operation: Operation) {
    super(OPERATION_BOUNDS)
    this.operation = operation
  }
}

/** At most so many series: when they are used up, names go first, then everything but the outcome. */
export class Operations {
  readonly #most: number
  readonly #series = new Map<string, OperationSeries>()

  constructor (most: number) {
    this.#most = most
  }

  observe (operation: Operation, seconds: number): void {
    this.#find(operation).observe(seconds)
  }

  [Symbol.iterator] (): Iterator<OperationSeries> {
    return this.#series.values()
  }

  #find (operation: Operation): OperationSeries {
    const series = this.#series.get(keyOf(operation))
    if (series !== undefined) return series
    if (this.#series.size < this.#most) return this.#add(operation)
    if (operation.name !== '' && operation.name !== OTHER) return this.#find({ ...operation, name: OTHER })
    const { outcome } = operation
    const rest: Operation = { method: OTHER, target: null, name: '', revision: OTHER, outcome, errorType: outcome === 'ok' ? '' : outcome }
    return this.#series.get(keyOf(rest)) ?? this.#add(rest)
  }

  #add (operation: Operation): OperationSeries {
    const series = new OperationSeries(operation)
    this.#series.set(keyOf(operation), series)
    return series
  }
}

/** The name comes last: it alone may hold a line break. */
function keyOf ({ method, name, revision, errorType }: Operation): string {
  return `${method}\n${revision}\n${errorType}\n${name}`
}
