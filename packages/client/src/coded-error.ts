import type { Challenge } from './auth/challenge.ts'

/** What an error may say beside its message. */
export interface ErrorFields {
  readonly cause?: unknown
  /** The HTTP status the server answered with. */
  readonly status?: number | undefined
  /** What the server wrote, shortened. */
  readonly body?: string | undefined
  /** How long the server asks to wait, milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly challenges?: readonly Challenge[]
  /** What was tried before giving up, in order. */
  readonly attempts?: readonly Attempt[]
}

/** One thing that was tried, and why it did not work. */
export interface Attempt {
  readonly what: string
  readonly error: Error
}

/** Every error of this package. `statusCode` is what a gateway may answer with: Fastify does so by itself. */
export class McpClientError extends Error {
  readonly code: string
  readonly statusCode: number
  declare readonly status: number | undefined
  declare readonly body: string | undefined
  declare readonly retryAfterMs: number | undefined
  declare readonly challenges: readonly Challenge[]
  declare readonly attempts: readonly Attempt[]

  constructor (code: string, message: string, statusCode: number, name: string, { cause, ...fields }: ErrorFields) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.statusCode = statusCode
    Object.assign(this, { name, challenges: [], attempts: [] }, fields)
  }
}

/** What `createError` makes: a class whose first argument fills the `%s` of its message. */
export interface CodedErrorClass {
  new (detail?: string, fields?: ErrorFields): McpClientError
  readonly code: string
}

export function createError (code: string, message: string, statusCode = 500, name = 'McpClientError'): CodedErrorClass {
  return class extends McpClientError {
    static readonly code = code

    constructor (detail = '', fields: ErrorFields = {}) {
      super(code, message.replace('%s', () => detail), statusCode, name, fields)
    }
  }
}

export function asError (value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}
