/**
 * Rounds and ratios. A shared machine is noisy, so contestants take turns within a round, their ratio is taken round by
 * round, and the median of those is the figure.
 */

/** Samples of each contestant by its name, one for each round. */
export type Rounds<Sample> = ReadonlyMap<string, readonly Sample[]>

/** A figure: the median of the rounds, and how far they lay apart. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** Every other round goes backwards, so that a drift of the machine favours nobody. */
export async function takeTurns<Sample> (
  names: readonly string[], rounds: number, take: (name: string) => Promise<Sample>
): Promise<Rounds<Sample>> {
  const samples = new Map<string, Sample[]>(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) samples.get(name)?.push(await take(name))
  }
  return samples
}

export function ratio<Sample> (rounds: Rounds<Sample>, name: string, yardstick: string, value: (sample: Sample) => number): Spread {
  const theirs = samplesOf(rounds, yardstick)
  const ratios = samplesOf(rounds, name).map((sample, i) => {
    const other = theirs[i]
    if (other === undefined) throw new Error(`${yardstick} missed round ${i + 1}`)
    return value(sample) / value(other)
  })
  return spreadOf(ratios)
}

export function spread<Sample> (rounds: Rounds<Sample>, name: string, value: (sample: Sample) => number): Spread {
  return spreadOf(samplesOf(rounds, name).map(value))
}

export function medianOf<Sample> (rounds: Rounds<Sample>, name: string, value: (sample: Sample) => number): number {
  return median(samplesOf(rounds, name).map(value))
}

function spreadOf (values: readonly number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) }
}

function samplesOf<Sample> (rounds: Rounds<Sample>, name: string): readonly Sample[] {
  const samples = rounds.get(name)
  if (samples === undefined) throw new Error(`${name} was not measured`)
  return samples
}

function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  if (upper === undefined) throw new Error('The median of nothing')
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
