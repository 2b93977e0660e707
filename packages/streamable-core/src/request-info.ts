/** What applications and gates may know of the HTTP request, read when they ask. */
import { clientAddress, type HeaderFields, type RequestHead, type RequestInfo } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

/** What is used of a request once its message runs. A message that another node took brings a record of it. */
export type MessageOrigin = Pick<FastifyRequest, 'mcpPrincipal' | 'log' | 'method' | 'protocol' | 'host' | 'url' | 'headers' | 'ip'>

export class FastifyRequestInfo<T extends MessageOrigin = MessageOrigin> implements RequestInfo {
  protected readonly http: T

  constructor (request: T) {
    this.http = request
  }

  get source (): T {
    return this.http
  }

  get method (): string {
    return this.http.method
  }

  get url (): string {
    const { protocol, host, url } = this.http
    return `${protocol}://${host}${pathOf(url)}`
  }

  get headers (): HeaderFields {
    return this.http.headers
  }
}

export class FastifyRequestHead extends FastifyRequestInfo<FastifyRequest> implements RequestHead {
  get rawHeaders (): readonly string[] {
    return this.http.raw.rawHeaders
  }

  get address (): string {
    return addressOf(this.http)
  }
}

/** The client's address in its one spelling; `''` over a Unix socket, where there is none. */
export function addressOf ({ ip }: Pick<FastifyRequest, 'ip'>): string {
  return ip && clientAddress(ip)
}

/** Path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2): proxies are asked that way. */
export function pathOf (target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target
  const { pathname, search } = new URL(target)
  return pathname + search
}
