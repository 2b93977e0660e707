import type { Exchange } from '@mcp/protocol'

/** Stands for a `Request` until somebody looks at it: most handlers never do, and building one costs more than a call. */
class LazyRequest {
  readonly #exchange: Exchange
  #real: Request | undefined

  constructor (exchange: Exchange) {
    this.#exchange = exchange
  }

  static signal (lazy: LazyRequest): AbortSignal {
    return lazy.#exchange.signal
  }

  static real (lazy: LazyRequest): Request {
    return (lazy.#real ??= toRequest(lazy.#exchange))
  }
}

Object.setPrototypeOf(LazyRequest.prototype, Request.prototype)
for (const key of Reflect.ownKeys(Request.prototype)) {
  if (key === 'constructor' || key === Symbol.toStringTag) continue
  Object.defineProperty(LazyRequest.prototype, key, {
    configurable: true,
    get (this: LazyRequest): unknown {
      // That of the exchange takes what a listener throws; one derived from it would let it end the process.
      if (key === 'signal') return LazyRequest.signal(this)
      const real = LazyRequest.real(this)
      const value: unknown = Reflect.get(real, key)
      return typeof value === 'function' ? value.bind(real) : value
    }
  })
}

/**
 * The HTTP request of an exchange as a web-standard `Request` without a body; its signal is the exchange's. Everything can
 * be read from it; to hand it to `fetch` or `new Request`, which look behind the interface, pass its `clone()`.
 */
export function lazyRequest (exchange: Exchange): Request {
  const lazy: unknown = new LazyRequest(exchange)
  return lazy instanceof Request ? lazy : toRequest(exchange)
}

function toRequest ({ request, signal }: Exchange): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name.startsWith(':')) continue
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one)
  }
  return new Request(request.url, { method: request.method, headers, signal })
}
