/** Takes what an observer threw. */
export type OnObserverError = (error: unknown) => void

/** One that throws keeps nobody else from hearing. */
export function guarded<T> (all: readonly T[], tell: (one: T) => void, onError: OnObserverError): void {
  for (const one of all) {
    try {
      tell(one)
    } catch (error) {
      onError(error)
    }
  }
}
