/** What an application may know of the HTTP request, read when it asks. */
import type { HeaderFields, RequestInfo } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

export class FastifyRequestInfo implements RequestInfo {
  readonly #request: FastifyRequest

  constructor (request: FastifyRequest) {
    this.#request = request
  }

  get method (): string {
    return this.#request.method
  }

  get url (): string {
    const { protocol, host, url } = this.#request
    return `${protocol}://${host}${url}`
  }

  get headers (): HeaderFields {
    return this.#request.headers
  }
}
