/** What a log may hold of a request (H-20). */
import { quote } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

const PLAIN = /^[\x21-\x7e]{1,64}$/

/** A received word as it may stand in a log: as it is where it is short and printable, else quoted and cut. */
export function logged (word: string): string {
  return PLAIN.test(word) ? word : quote(word)
}

/** Tokens, which have no business there, and session ids of HTTP+SSE end up in queries. So lines about requests come without. */
export const logSerializers = {
  req: ({ method, url, host, ip, socket }: FastifyRequest) => ({
    method, url: logPath(url), host: logged(host), remoteAddress: ip, remotePort: socket.remotePort
  })
}

function logPath (url: string): string {
  const end = url.search(/[?#]/)
  return (end === -1 ? url : url.slice(0, end)).replaceAll(/[^\x21-\x7e]/g, '?')
}
