/** Whose count goes up. */
import rateLimit from '@fastify/rate-limit'
import { principalKey, type Principal } from '@mcp/protocol'

/** Reading an IPv6 address costs more than everything else a limit does. */
const REMEMBER_AT_MOST = 1024

/** Names callers for counters: principals, and addresses where nobody said who is calling. Neither can pass for the other. */
export class CallerKeys {
  readonly #ipv6Subnet: number
  readonly #networks = new Map<string, string>()

  /** @param ipv6Subnet leading bits by which IPv6 addresses count together: whoever has one of them usually has all */
  constructor (ipv6Subnet: number) {
    this.#ipv6Subnet = ipv6Subnet
  }

  of (principal: Principal | null, address: string): string {
    return principal === null ? `address ${this.network(address)}` : `principal ${principalKey(principal)}`
  }

  /** IPv4 as it is, IPv6 by its network. */
  network (address: string): string {
    if (!address.includes(':')) return address
    const known = this.#networks.get(address)
    if (known !== undefined) return known
    if (this.#networks.size >= REMEMBER_AT_MOST) this.#networks.clear()
    const network = rateLimit.normalizeIP(address, this.#ipv6Subnet)
    this.#networks.set(address, network)
    return network
  }
}
