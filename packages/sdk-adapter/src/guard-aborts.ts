/**
 * The SDK makes the abort signals that tool handlers get. Node.js throws an error of such a signal's listener again outside of any call,
 * where it ends the process; so the listeners are guarded when they are added.
 */

type AddListener = AbortSignal['addEventListener']
type Listener = Parameters<AddListener>[1]
type Handler = (this: unknown, event: Event) => void

/** The field in which both generations of the SDK keep the controllers of running requests. */
const CONTROLLERS = '_requestHandlerAbortControllers'

const guards = new WeakMap<object, Handler>()
const onabort = new WeakMap<AbortSignal, NonNullable<AbortSignal['onabort']>>()
const { addEventListener, removeEventListener } = EventTarget.prototype

// One prototype for all signals: a request costs no closure.
const guarded: object = Object.create(AbortSignal.prototype, {
  addEventListener: { value: guarding(addEventListener) },
  removeEventListener: { value: guarding(removeEventListener) },
  onabort: {
    get (this: AbortSignal) {
      return onabort.get(this) ?? null
    },
    set (this: AbortSignal, listener: AbortSignal['onabort']) {
      const before = onabort.get(this)
      if (before !== undefined) this.removeEventListener('abort', before)
      onabort.delete(this)
      if (typeof listener !== 'function') return
      onabort.set(this, listener)
      this.addEventListener('abort', listener)
    }
  }
})

/**
 * From now on a listener that throws or rejects, on a signal of this server's requests, becomes a warning of the process.
 *
 * @param server A server of the SDK. One that keeps its controllers elsewhere is left as it is.
 */
export function guardAborts (server: object): void {
  const controllers: unknown = Reflect.get(server, CONTROLLERS)
  if (!(controllers instanceof Map)) return
  const { set } = controllers
  controllers.set = (id, controller) => {
    if (controller?.signal instanceof AbortSignal) Object.setPrototypeOf(controller.signal, guarded)
    return set.call(controllers, id, controller)
  }
}

function guarding (method: AddListener) {
  return function (this: AbortSignal, type: string, listener: Listener | null, options?: Parameters<AddListener>[2]): void {
    if (listener !== null) method.call(this, type, guardOf(listener), options)
  }
}

/** One for each listener, so that adding it twice and removing it work as usual. */
function guardOf (listener: Listener): Handler {
  const known = guards.get(listener)
  if (known !== undefined) return known
  const guard: Handler = function (event) {
    try {
      const outcome: unknown = typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)
      if (outcome instanceof Promise) outcome.catch(warn)
    } catch (error) {
      warn(error)
    }
  }
  guards.set(listener, guard)
  return guard
}

function warn (error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
