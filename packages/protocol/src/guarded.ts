/** Takes what an observer threw. */
export type OnObserverError = (error: unknown) => void

/** Calls `tell` with each of them; what one of them throws or rejects with stops no other. */
export function guarded<T> (all: readonly T[], tell: (one: T) => unknown, onError: OnObserverError): void {
  for (const one of all) {
    try {
      const outcome = tell(one)
      // An observer may be asynchronous, and its rejection must not end the process.
      if (outcome instanceof Promise) outcome.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
}
