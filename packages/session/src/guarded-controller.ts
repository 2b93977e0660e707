/** Abort controllers whose signals go to user code. */

type Listener = Parameters<AbortSignal['addEventListener']>[1]
type Options = Parameters<AbortSignal['addEventListener']>[2]
type Handler = (this: unknown, event: Event) => void

/**
 * An AbortController whose signal passes what a listener throws or rejects with to `onError`. Node.js throws such an error again outside of
 * any call, where it ends the process. Signals that user code derives (`AbortSignal.any`) are its own.
 *
 * @param onError must not throw.
 */
export function guardedController (onError: (error: unknown) => void): AbortController {
  const controller = new AbortController()
  const { signal } = controller
  // One for each listener, so that adding it twice and removing it work as usual.
  const guarded = new WeakMap<object, Handler>()
  const { addEventListener, removeEventListener } = signal
  const guard = (listener: Listener): Handler => {
    const known = guarded.get(listener)
    if (known !== undefined) return known
    const handler: Handler = function (event) {
      try {
        const outcome: unknown = typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)
        if (outcome instanceof Promise) outcome.catch(onError)
      } catch (error) {
        onError(error)
      }
    }
    guarded.set(listener, handler)
    return handler
  }
  let onabort: AbortSignal['onabort'] = null
  const setOnabort = (listener: AbortSignal['onabort']): void => {
    if (onabort !== null) removeEventListener.call(signal, 'abort', guard(onabort))
    onabort = typeof listener === 'function' ? listener : null
    if (onabort !== null) addEventListener.call(signal, 'abort', guard(onabort))
  }
  const guarding = (method: typeof addEventListener) => (type: string, listener: Listener | null, options?: Options) => {
    if (listener !== null) method.call(signal, type, guard(listener), options)
  }
  Object.defineProperties(signal, {
    addEventListener: { value: guarding(addEventListener) },
    removeEventListener: { value: guarding(removeEventListener) },
    onabort: { get: () => onabort, set: setOnabort }
  })
  return controller
}
