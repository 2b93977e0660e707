/**
 * The per-request envelope of the modern era: what `params._meta` says of the sender.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
import * as MetaKey from './meta-key.ts'
import { isObject, type JsonObject, type JsonRpcNotification, type JsonRpcRequest } from './json-rpc.ts'

/** `params._meta` where it is an object. */
export function metaOf (message: JsonRpcRequest | JsonRpcNotification): JsonObject | undefined {
  const meta = message.params?._meta
  return isObject(meta) ? meta : undefined
}

/** Whether a value carries a claim to the modern era, valid or not. Takes any JSON value. */
export function hasClaim (value: unknown): boolean {
  return isObject(value) && isObject(value.params) && isObject(value.params._meta) && MetaKey.ProtocolVersion in value.params._meta
}

/** What is wrong with a claimed envelope, one sentence per key; empty when it is valid. */
export function envelopeFaults (meta: JsonObject): string[] {
  const faults: string[] = []
  if (typeof meta[MetaKey.ProtocolVersion] !== 'string') faults.push(`${MetaKey.ProtocolVersion} must be a string`)
  if (!isObject(meta[MetaKey.ClientCapabilities])) {
    faults.push(`${MetaKey.ClientCapabilities} ${MetaKey.ClientCapabilities in meta ? 'must be an object' : 'is missing'}`)
  }
  if (MetaKey.ClientInfo in meta && !isObject(meta[MetaKey.ClientInfo])) faults.push(`${MetaKey.ClientInfo} must be an object`)
  return faults
}

/** Severity order of `notifications/message` (RFC 5424), mildest first. */
const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export function isLogLevel (value: unknown): value is string {
  return typeof value === 'string' && LOG_LEVELS.includes(value)
}

/** Whether a log message of `level` may go to a request that asked for `threshold`; nothing may when it asked for none. */
export function reachesLogLevel (level: unknown, threshold: unknown): boolean {
  const floor = LOG_LEVELS.indexOf(String(threshold))
  return threshold !== undefined && floor !== -1 && LOG_LEVELS.indexOf(String(level)) >= floor
}
