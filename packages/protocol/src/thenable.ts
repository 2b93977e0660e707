/** Values of functions that users give us: any of them may be a promise, of whatever library. */

export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The verdict of a predicate that must answer at once. A promise is no verdict: it counts as `false`, and its rejection ends nothing. */
export function isTrue (verdict: unknown): boolean {
  if (isThenable(verdict)) Promise.resolve(verdict).catch(() => {})
  return verdict === true
}
