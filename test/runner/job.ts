/** The parts of a run: each can be run alone, and each is a job of the GitHub workflow. */
export type Part = 'checks' | 'packages' | 'e2e' | 'conformance' | 'resilience' | 'repo'

/** One process of a run. */
export interface Job {
  /** Unique in a run, as `e2e: interop`. */
  readonly name: string
  readonly part: Part
  readonly command: string
  readonly args: readonly string[]
  /** Where it runs, from the top of the repository; the top where absent. */
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
  /** The share of all cores that it needs, from 0 to 1: jobs run side by side while the sum is at most 1. A job of 1 runs alone. */
  readonly share: number
  /** Names of jobs that must pass before it starts. A name that is not part of the run is ignored. */
  readonly after?: readonly string[]
  /** Its result counts as one check when it writes no report. */
  readonly countsItself?: boolean
}

/** How a job ended. */
export interface Outcome {
  readonly job: Job
  /** The exit code; `null` when it was not run, because a job before it failed. */
  readonly code: number | null
  readonly seconds: number
  /** The end of what it printed. */
  readonly output: string
}
