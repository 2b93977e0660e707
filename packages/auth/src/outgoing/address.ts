/** Which addresses a request of ours may reach (H-15). */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * All of IPv6 that was ever given out to the internet. Outside of it lie forms that embed an IPv4 address (`::7f00:1`) and
 * that ipaddr.js takes for ordinary ones.
 */
const INTERNET_V6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** An address of the internet: not private, loopback, link-local, shared (CGNAT), mapped, translated, tunnelled, reserved or multicast. */
export function isPublic (address: string): boolean {
  const parsed = parse(address)
  if (parsed?.range() !== 'unicast') return false
  return !(parsed instanceof ipaddr.IPv6) || parsed.match(INTERNET_V6)
}

/** What people number their own networks with: RFC 1918, shared (CGNAT), unique local. */
export function isPrivate (address: string): boolean {
  return ['private', 'carrierGradeNat', 'uniqueLocal'].includes(parse(address)?.range() ?? '')
}

/** `127.0.0.0/8` and `::1`. The mapped form `::ffff:127.0.0.1` is neither loopback nor public. */
export function isLoopback (address: string): boolean {
  return parse(address)?.range() === 'loopback'
}

/** A block of addresses: `10.1.0.0/16`. */
export interface Block {
  readonly base: ipaddr.IPv4 | ipaddr.IPv6
  readonly bits: number
}

/** Wider blocks hold more than any private network. */
const WIDEST = { ipv4: 8, ipv6: 7 }

export function blockOf (text: string): Block | null {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const base = parse(address)
  const bits = Number(length)
  return base === null || bits < WIDEST[base.kind()] || bits > base.toByteArray().length * 8 ? null : { base, bits }
}

export function isWithin (address: string, { base, bits }: Block): boolean {
  const parsed = parse(address)
  return parsed?.kind() === base.kind() && parsed.match(base, bits)
}

function parse (address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // Only what a socket takes for an address; ipaddr.js alone also reads `2130706433`.
  return isIP(address) === 0 ? null : ipaddr.parse(address)
}
