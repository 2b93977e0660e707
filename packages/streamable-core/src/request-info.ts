/** What applications and gates may know of the HTTP request, read when they ask. */
import type { HeaderFields, RequestHead, RequestInfo } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

export class FastifyRequestInfo implements RequestInfo {
  protected readonly http: FastifyRequest

  constructor (request: FastifyRequest) {
    this.http = request
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

export class FastifyRequestHead extends FastifyRequestInfo implements RequestHead {
  get rawHeaders (): readonly string[] {
    return this.http.raw.rawHeaders
  }

  get address (): string {
    return this.http.ip
  }
}

/** Path and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2): proxies are asked that way. */
export function pathOf (target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target
  const { pathname, search } = new URL(target)
  return pathname + search
}
