/** What a contestant's process and the bench say to each other. */
import type { Profiler } from 'node:inspector'

/** Bytes, after a forced garbage collection. */
export interface MemoryReading {
  readonly rss: number
  readonly heapUsed: number
}

export type HostMessage =
  | { readonly port: number }
  | { readonly memory: MemoryReading }
  /** Microseconds of processor time since the process started. */
  | { readonly cpu: number }
  /** From the second question on, what was done since the one before. */
  | { readonly profile: Profiler.Profile | null }

export const MEMORY_QUESTION = 'memory'
export const CPU_QUESTION = 'cpu'
export const PROFILE_QUESTION = 'profile'
