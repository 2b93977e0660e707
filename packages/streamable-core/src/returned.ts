/** What an application returns for an exchange may be anything, where it has no types. */
import { isObject, type JsonObject } from '@mcp/protocol'

/** Whether a value is the result of a request: a plain object. A `Timeout` or a `Map` is what an arrow function returned by chance. */
export function isResult (value: unknown): value is JsonObject {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
