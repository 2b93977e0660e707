/** Signs that a proxy passed a request on. Their absence proves nothing: a proxy may send none of them. */
import type { FastifyRequest } from 'fastify'

/** Proxies send these; clients that connect directly do not. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip']

/** Whether header fields or Fastify's `trustProxy` say that a proxy passed the request on. `false` does not make the client a local one. */
export function isForwarded ({ headers, ips }: Pick<FastifyRequest, 'headers' | 'ips'>): boolean {
  // Fastify makes the list only where a proxy is trusted.
  return Array.isArray(ips) || FORWARDED.some(name => headers[name] !== undefined)
}
