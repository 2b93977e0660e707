import { isIP } from 'node:net'
import { isLoopback, isPublic } from './address.ts'
import { MCP_AUTH_OUTGOING_REFUSED } from '../errors.ts'

/**
 * The URL of a request, if it may be asked for at all; names are judged when they are resolved. The parser of URLs has already turned
 * `0x7f.1`, `2130706433`, `0177.0.0.1` and `127.0.0.1.` into `127.0.0.1`, so there is one form of an address to judge.
 * @throws `MCP_AUTH_OUTGOING_REFUSED`
 */
export function targetOf (url: string, allowLoopback = false): URL {
  if (!URL.canParse(url)) throw new MCP_AUTH_OUTGOING_REFUSED('this URL', 'it is not an absolute URL')
  const target = new URL(url)
  if (target.protocol !== 'https:' && !(allowLoopback && target.protocol === 'http:')) {
    throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), `the scheme must be https${allowLoopback ? ', or http on loopback' : ''}`)
  }
  if (target.username !== '' || target.password !== '') {
    throw new MCP_AUTH_OUTGOING_REFUSED(nameOf(target), 'a URL must not carry credentials; send them in a header')
  }
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const refusal = isIP(host) === 0 ? null : refusalOf(host, target.protocol, nameOf(target), allowLoopback)
  if (refusal !== null) throw refusal
  return target
}

/** Why a connection of this scheme must not go to this address; `null` when it may. */
export function refusalOf (address: string, protocol: string, name: string, allowLoopback: boolean): Error | null {
  if (allowLoopback && isLoopback(address)) return null
  if (protocol !== 'https:') return new MCP_AUTH_OUTGOING_REFUSED(name, `http is for loopback alone, and its address is ${address}`)
  return isPublic(address) ? null : new MCP_AUTH_OUTGOING_REFUSED(name, `its address ${address} is not one of the internet`)
}

/** How errors name a URL: a query or credentials in it stay out of logs. */
export function nameOf (target: URL): string {
  return `${target.protocol}//${target.host}${target.pathname}`
}
