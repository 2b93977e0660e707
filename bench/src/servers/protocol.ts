/** What a contestant's process and the bench say to each other. */

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

export const MEMORY_QUESTION = 'memory'
export const CPU_QUESTION = 'cpu'
