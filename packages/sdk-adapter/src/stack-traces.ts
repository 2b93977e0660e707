/**
 * Does something while errors capture no stack trace. The SDK makes an error on every close, for requests that may be under
 * way; its trace costs a sixth of a modern call.
 */
export function withoutStackTraces (work: () => void): void {
  const limit = Error.stackTraceLimit
  // Under `--frozen-intrinsics` it stays as it is.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    work()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit)
  }
}
