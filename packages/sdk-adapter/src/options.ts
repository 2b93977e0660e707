import { isRevision, type Revision } from '@mcp/protocol'
import { badOption, type SdkAdapterError } from './errors.ts'
import type { ChangeNotification } from './message-kinds.ts'

export type Publish = (notification: ChangeNotification) => void | Promise<void>

export interface LegacyOptions {
  /** How long a server may idle before it is given up and, when its session goes on, rebuilt; milliseconds. Default 5 minutes. */
  readonly idleMs?: number
  /** How many servers may idle at a time. Default 1,000. */
  readonly maxIdle?: number
  /**
   * The revisions to offer, where a server's `supportedProtocolVersions` differs from the SDK's default.
   * Default: every one the SDK generation knows.
   */
  readonly revisions?: readonly Revision[]
  /**
   * Told of errors nobody else hears of: what a handler threw and the client must not read, state that could not be kept,
   * a server that fails to close. Default: a process warning.
   */
  readonly onError?: (error: unknown) => void
}

export interface SdkApplicationOptions extends LegacyOptions {
  /**
   * Modern era: `'never'` builds a server for each request, as the SDK does. `'principal'` keeps one per principal with
   * its rights (scopes and claims), client and revision: several times faster, but requests share what the server holds in
   * memory, and the factory sees the first request only. Default `'never'`.
   */
  readonly reuse?: 'never' | 'principal'
  /** With `reuse: 'principal'`: how many servers to keep. Default 100. */
  readonly maxReused?: number
  /** Takes the change notifications modern servers emit; hand it on to the endpoint's `publish`. Without it they are dropped. */
  readonly publish?: Publish
}

export interface LegacySettings {
  readonly idleMs: number
  readonly maxIdle: number
  readonly revisions: readonly Revision[]
  readonly onError: (error: unknown) => void
}

export const LEGACY_OPTIONS: readonly string[] = ['idleMs', 'maxIdle', 'revisions', 'onError'] satisfies Array<keyof LegacyOptions>

export const SDK_OPTIONS: readonly string[] =
  [...LEGACY_OPTIONS, ...['reuse', 'maxReused', 'publish'] satisfies Array<keyof SdkApplicationOptions>]

/** @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`, naming the option that does not exist and those that do. */
export function checkNames (options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw bad('options', 'an object', options)
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw bad('every option', `one of ${known.join(', ')}`, name.slice(0, 100))
  }
}

/** @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`, naming the option. */
export function checkLegacyOptions (options: LegacyOptions, known: readonly Revision[]): LegacySettings {
  const { idleMs = 300_000, maxIdle = 1000, revisions = known, onError = warn } = options
  if (typeof idleMs !== 'number' || !(idleMs > 0)) throw bad('idleMs', 'a positive number of milliseconds', idleMs)
  checkCount('maxIdle', maxIdle, 0)
  if (!Array.isArray(revisions) || revisions.length === 0 || !revisions.every(one => isRevision(one) && known.includes(one))) {
    throw bad('revisions', `a non-empty list out of ${known.join(', ')}`, revisions)
  }
  checkFunction('onError', onError)
  return { idleMs, maxIdle, revisions: [...revisions], onError }
}

export interface ModernSettings {
  readonly reuse: 'never' | 'principal'
  readonly maxReused: number
  readonly publish: Publish
}

/** @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`, naming the option. */
export function checkModernOptions (options: SdkApplicationOptions): ModernSettings {
  const { reuse = 'never', maxReused = 100, publish = drop } = options
  if (reuse !== 'never' && reuse !== 'principal') throw bad('reuse', "'never' or 'principal'", reuse)
  checkCount('maxReused', maxReused, 1)
  checkFunction('publish', publish)
  return { reuse, maxReused, publish }
}

function bad (name: string, expected: string, given: unknown): SdkAdapterError {
  return badOption(name, expected, typeof given === 'string' ? JSON.stringify(given) : String(given))
}

function checkCount (name: string, value: unknown, least: number): void {
  if (value === Infinity || (Number.isSafeInteger(value) && Number(value) >= least)) return
  throw bad(name, `an integer of at least ${least}`, value)
}

function checkFunction (name: string, value: unknown): void {
  if (typeof value !== 'function') throw bad(name, 'a function', value)
}

function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}

function drop (): void {}
