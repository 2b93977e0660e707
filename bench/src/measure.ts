/**
 * Rounds and ratios. A shared machine is noisy, so contestants take turns within a round, their ratio is taken round by
 * round, and the median of those is the figure.
 */

/** Samples of each contestant by its name, one for each round. */
export type Rounds<Sample> = ReadonlyMap<string, readonly Sample[]>

export interface Ratio {
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

export function ratio<Sample> (rounds: Rounds<Sample>, name: string, yardstick: string, value: (sample: Sample) => number): Ratio {
  const theirs = samplesOf(rounds, yardstick)
  const ratios = samplesOf(rounds, name).map((sample, i) => {
    const other = theirs[i]
    if (other === undefined) throw new Error(`${yardstick} missed round ${i + 1}`)
    return value(sample) / value(other)
  })
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
}

export function medianOf<Sample> (rounds: Rounds<Sample>, name: string, value: (sample: Sample) => number): number {
  return median(samplesOf(rounds, name).map(value))
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
