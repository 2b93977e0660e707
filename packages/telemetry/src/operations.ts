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

/**
 * At most so many series: when they are used up, names go first, then everything but the outcome. Found by one word after the other, since
 * to make a key of them costs more than all else that counting does.
 */
export class Operations {
  readonly #most: number
  /** The last one that was found: most calls are like the one before. */
  #last: OperationSeries | undefined
  readonly #all: OperationSeries[] = []
  readonly #byMethod: Words<Words<Words<Map<string, OperationSeries>>>> = new Map()

  constructor (most: number) {
    this.#most = most
  }

  observe (operation: Operation, seconds: number): void {
    if (this.#last === undefined || !isSame(this.#last.operation, operation)) this.#last = this.#find(operation)
    this.#last.observe(seconds)
  }

  [Symbol.iterator] (): Iterator<OperationSeries> {
    return this.#all.values()
  }

  #find (operation: Operation): OperationSeries {
    const series = this.#known(operation)
    if (series !== undefined) return series
    if (this.#all.length < this.#most) return this.#add(operation)
    if (operation.name !== '' && operation.name !== OTHER) return this.#find({ ...operation, name: OTHER })
    const { outcome } = operation
    const rest: Operation = { method: OTHER, target: null, name: '', revision: OTHER, outcome, errorType: outcome === 'ok' ? '' : outcome }
    return this.#known(rest) ?? this.#add(rest)
  }

  #known ({ method, revision, errorType, name }: Operation): OperationSeries | undefined {
    return this.#byMethod.get(method)?.get(revision)?.get(errorType)?.get(name)
  }

  #add (operation: Operation): OperationSeries {
    const { method, revision, errorType, name } = operation
    const series = new OperationSeries(operation)
    this.#all.push(series)
    below(below(below(this.#byMethod, method), revision), errorType).set(name, series)
    return series
  }
}

/** Their targets and outcomes follow from the rest. */
function isSame (one: Operation, other: Operation): boolean {
  return one.method === other.method && one.name === other.name && one.revision === other.revision && one.errorType === other.errorType
}

type Words<T> = Map<string, T>

function below<T> (words: Words<Map<string, T>>, word: string): Map<string, T> {
  let found = words.get(word)
  if (found === undefined) words.set(word, found = new Map())
  return found
}
