/** Where a client of HTTP+SSE POSTs its messages, as the client sees it. */
import type { FastifyRequest } from 'fastify'

/** A parameter of a path as Fastify writes it: its name, perhaps with a pattern in parentheses, and perhaps optional. */
const PARAMETER = /(?<!:):([A-Za-z0-9_]+)(?:\((?:[^()\\]|\\.|\([^()]*\))*\))?\??/g
/** `https://`, and what stands before the path. */
const ORIGIN = /^https?:\/\/[^/]+/

/** The names of the parameters in a path. */
export function parametersOf (path: string): string[] {
  return [...path.matchAll(PARAMETER)].map(match => match[1] ?? '')
}

export class MessagesUrl {
  readonly #origin: string
  readonly #path: string
  readonly #fixed: boolean

  /** `url`: a path or an absolute URL; parameters of the path of the stream may be in it, such as `/:tenant/messages`. */
  constructor (url: string) {
    this.#origin = ORIGIN.exec(url)?.[0] ?? ''
    this.#path = url.slice(this.#origin.length)
    this.#fixed = !this.#path.includes(':')
  }

  /** With the values that the request for the stream has in place of parameters, encoded. */
  of ({ params }: Pick<FastifyRequest, 'params'>): string {
    if (this.#fixed) return this.#origin + this.#path
    const path = this.#path.replaceAll(PARAMETER, (whole, name: string) => {
      const value: unknown = Reflect.get(Object(params), name)
      if (value === undefined) return whole.endsWith('?') ? '' : whole
      return encodeURIComponent(String(value))
    })
    return this.#origin + path.replaceAll('::', ':').replaceAll(/\/{2,}/g, '/')
  }
}
