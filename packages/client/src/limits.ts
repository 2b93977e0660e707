import { MCP_CLIENT_BAD_OPTION } from './errors.ts'

/** What a client takes from a server. Times are milliseconds; a time of 0 is no limit. */
export interface Limits {
  /** A reply that is not a stream, bytes. Default 64 MiB. */
  readonly responseBytes: number
  /** One event of a stream, characters. Default 16 Mi. */
  readonly eventCharacters: number
  /** From the request to the head of its answer. Default 5 min. */
  readonly headMs: number
  /** Silence while a body is read; keep-alive comments end it. Default 5 min. */
  readonly idleMs: number
  /** A whole reply, however it comes. Default 0: none. */
  readonly totalMs: number
  /** The `endpoint` event of an HTTP+SSE server, and the DELETE that ends a session. Default 10 s. */
  readonly briefMs: number
}

const MINUTE = 60_000
const MIB = 1024 * 1024

export const LIMITS: Limits = {
  responseBytes: 64 * MIB, eventCharacters: 16 * MIB, headMs: 5 * MINUTE, idleMs: 5 * MINUTE, totalMs: 0, briefMs: 10_000
}

/** Bounds of what waits for a connection to come back. */
export interface QueueLimits {
  /** Default 256. */
  readonly messages: number
  /** Default 4 Mi. */
  readonly characters: number
}

export const QUEUE: QueueLimits = { messages: 256, characters: 4 * MIB }

/** Options that are all numbers, with their defaults. @throws MCP_CLIENT_BAD_OPTION */
export function numbers<T extends object> (name: string, given: Partial<T> = {}, defaults: T): T {
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [key, value] of set) {
    if (!(key in defaults && typeof value === 'number' && value >= 0)) {
      throw new MCP_CLIENT_BAD_OPTION(`${name}.${key} is ${value}; there are ${Object.keys(defaults).join(', ')}, numbers from 0`)
    }
  }
  return { ...defaults, ...Object.fromEntries(set) }
}
