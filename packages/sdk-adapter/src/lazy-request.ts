import type { RequestInfo } from '@mcp/protocol'

/** Stands for a `Request` until somebody looks at it: most handlers never do, and building one costs more than a call. */
class LazyRequest {
  readonly #info: RequestInfo
  #real: Request | undefined

  constructor (info: RequestInfo) {
    this.#info = info
  }

  static real (lazy: LazyRequest): Request {
    return (lazy.#real ??= toRequest(lazy.#info))
  }
}

Object.setPrototypeOf(LazyRequest.prototype, Request.prototype)
for (const key of Reflect.ownKeys(Request.prototype)) {
  if (key === 'constructor' || key === Symbol.toStringTag) continue
  Object.defineProperty(LazyRequest.prototype, key, {
    configurable: true,
    get (this: LazyRequest): unknown {
      const real = LazyRequest.real(this)
      const value: unknown = Reflect.get(real, key)
      return typeof value === 'function' ? value.bind(real) : value
    }
  })
}

/**
 * The HTTP request of an exchange as a web-standard `Request` without a body. Everything can be read from it; to hand it
 * to `fetch` or `new Request`, which look behind the interface, pass its `clone()`.
 */
export function lazyRequest (info: RequestInfo): Request {
  const lazy: unknown = new LazyRequest(info)
  return lazy instanceof Request ? lazy : toRequest(info)
}

function toRequest (info: RequestInfo): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(info.headers)) {
    if (value === undefined || name.startsWith(':')) continue
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one)
  }
  return new Request(info.url, { method: info.method, headers })
}
