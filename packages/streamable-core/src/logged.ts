/** What a log may hold of a request (H-20). */
import { quote, type JsonObject } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'

const PLAIN = /^[\x21-\x7e]{1,64}$/

/** A received word as it may stand in a log: as it is where it is short and printable, else quoted and cut. */
export function logged (word: string): string {
  return PLAIN.test(word) ? word : quote(word)
}

/** The parameter that names what a method uses, under the name that a log gives it. */
const TARGETS: Readonly<Record<string, readonly [field: string, parameter: string]>> = {
  'tools/call': ['tool', 'name'],
  'prompts/get': ['prompt', 'name'],
  'resources/read': ['uri', 'uri'],
  'resources/subscribe': ['uri', 'uri'],
  'resources/unsubscribe': ['uri', 'uri']
}

/** What a log line says of a message: its method, and the tool, prompt or resource that it names. */
export function logFields ({ method, params }: { readonly method: string, readonly params?: JsonObject }): Record<string, string> {
  const [field, parameter] = Object.hasOwn(TARGETS, method) ? TARGETS[method] ?? [] : []
  const target = parameter === undefined ? undefined : params?.[parameter]
  return { method: logged(method), ...(field === undefined || typeof target !== 'string' ? {} : { [field]: logged(target) }) }
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
