/** A histogram of prom-client whose figures are kept elsewhere: its own `observe` costs more than a request may be charged for. */
import { Histogram } from 'prom-client'
import type { DurationSeries } from './durations.ts'
import type { Labels } from './tally.ts'

export interface DurationMetricOptions {
  readonly name: string
  readonly help: string
  readonly bounds: readonly number[]
  /** What there is by now. */
  readonly series: () => Iterable<{ readonly labels: Labels, readonly durations: DurationSeries }>
}

/** One line of the text. */
interface Line {
  readonly metricName: string
  readonly labels: { le?: number | string }
  readonly sharedLabels: Labels
  readonly value: number
}

export class DurationMetric extends Histogram {
  readonly #options: DurationMetricOptions

  constructor (options: DurationMetricOptions) {
    const { name, help, bounds } = options
    super({ name, help, buckets: [...bounds], registers: [] })
    this.#options = options
  }

  /** What registries ask for, `get()` of the base class included. */
  async getForPromString (): Promise<object> {
    const { name, help, series } = this.#options
    const values = [...series()].flatMap(({ labels, durations }) => this.#lines(labels, durations))
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }

  #lines (labels: Labels, { buckets, sum, count }: DurationSeries): Line[] {
    const { name, bounds } = this.#options
    let below = 0
    const lines: Line[] = buckets.map((inside, index) => {
      below += inside
      return { metricName: `${name}_bucket`, labels: { le: bounds[index] ?? '+Inf' }, sharedLabels: labels, value: below }
    })
    lines.push({ metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: sum })
    lines.push({ metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count })
    return lines
  }
}
