import type { MaybePromise } from './contract.ts'

/**
 * Runs work whose outcome the caller does not wait for. What it throws or rejects with goes to `onError`, so that a dropped promise
 * cannot end the process.
 *
 * @param onError must not throw.
 */
export function inBackground (work: () => MaybePromise<unknown>, onError: (error: unknown) => void): void {
  try {
    const outcome = work()
    if (outcome instanceof Promise) outcome.catch(onError)
  } catch (error) {
    onError(error)
  }
}
