import { isIP } from 'node:net'
import { MCP_AUTH_OUTGOING_REFUSED } from '../errors.ts'
import { Reach } from './reach.ts'

/**
 * The URL of a request, if it may be asked for at all; names are judged when they are resolved. The parser of URLs has already turned
 * `0x7f.1`, `2130706433`, `0177.0.0.1` and `127.0.0.1.` into `127.0.0.1`, so there is one form of an address to judge.
 * @throws `MCP_AUTH_OUTGOING_REFUSED`
 */
export function targetOf (url: string, reach: Reach = new Reach()): URL {
  if (!URL.canParse(url)) throw new MCP_AUTH_OUTGOING_REFUSED('this URL', 'it is not an absolute URL')
  const target = new URL(url)
  if (target.protocol !== 'https:' && !(reach.allowLoopback && target.protocol === 'http:')) {
    throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), `the scheme must be https${reach.allowLoopback ? ', or http on loopback' : ''}`)
  }
  if (target.username !== '' || target.password !== '') {
    throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), 'a URL must not carry credentials; send them in a header')
  }
  const host = hostOf(target)
  const refusal = isIP(host) === 0 ? null : refusalOf(host, target, reach)
  if (refusal !== null) throw refusal
  return target
}

/** Why a connection for this target must not go to this address; `null` when it may. */
export function refusalOf (address: string, target: URL, reach: Reach): Error | null {
  const fault = reach.fault(address, target)
  return fault === null ? null : new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), fault)
}

/** Name or address. */
export function hostOf ({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** How errors name a URL: a query or credentials in it stay out of logs. */
export function nameOf (target: URL): string {
  return `${target.protocol}//${target.host}${target.pathname}`
}
