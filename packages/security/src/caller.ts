/** Whose count goes up. */
import { createHash } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import { clientAddress, principalKey, type Principal } from '@mcp/protocol'

/** Reading an IPv6 address costs more than everything else a limit does. */
const REMEMBER_AT_MOST = 1024
/** No address is longer; what a proxy hands on may be. */
const MAX_ADDRESS_LENGTH = 64
/** Subjects of tokens may be long, and counters are many. */
const MAX_KEY_LENGTH = 128

/** Names callers for counters: principals, and addresses where nobody said who is calling. Neither can pass for the other. */
export class CallerKeys {
  readonly #ipv6Subnet: number
  readonly #networks = new Map<string, string>()

  /** @param ipv6Subnet leading bits by which IPv6 addresses count together: whoever has one of them usually has all */
  constructor (ipv6Subnet: number) {
    this.#ipv6Subnet = ipv6Subnet
  }

  of (principal: Principal | null, address: string | undefined): string {
    return principal === null ? `address ${this.network(address)}` : `principal ${short(principalKey(principal))}`
  }

  /** IPv4 as it is, IPv6 by its network. Callers over a Unix socket have no address and count together. */
  network (address: string | undefined): string {
    if (address === undefined) return 'none'
    if (!address.includes(':')) return clientAddress(address)
    const known = this.#networks.get(address)
    if (known !== undefined) return known
    if (this.#networks.size >= REMEMBER_AT_MOST) this.#networks.clear()
    const network = rateLimit.normalizeIP(clientAddress(address), this.#ipv6Subnet)
    if (address.length <= MAX_ADDRESS_LENGTH) this.#networks.set(address, network)
    return network
  }
}

function short (key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : createHash('sha256').update(key).digest('base64url')
}
