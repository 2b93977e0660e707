/** What lies inside a network and may be requested all the same, because whoever runs the server named it (H-15). */
import { isIP } from 'node:net'
import { MCP_AUTH_BAD_OPTION } from '../errors.ts'
import { blockOf, isLoopback, isPrivate, isPublic, isWithin, type Block } from './address.ts'

export interface ReachOptions {
  /** Allow `127.0.0.0/8` and `::1`, there also without TLS. By default false. */
  readonly allowLoopback?: boolean
  /**
   * What may be private: hosts (`id.internal.example`, `id.internal.example:8443`, `10.1.2.3`), whose addresses may then be in
   * `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, `100.64.0.0/10` and `fc00::/7`, and blocks (`10.1.0.0/16`), of which every address
   * may be requested by whatever name. Always with TLS. By default nothing.
   */
  readonly allow?: readonly string[]
}

const HOST = /^(\[[\da-f:.]+\]|[^\s:/?#@[\]*%\\]+)(?::(\d{1,5}))?$/i

export class Reach {
  readonly allowLoopback: boolean
  readonly #hosts = new Set<string>()
  readonly #blocks: Block[] = []

  /** @throws `MCP_AUTH_BAD_OPTION` */
  constructor ({ allowLoopback = false, allow = [] }: ReachOptions = {}) {
    this.allowLoopback = allowLoopback
    for (const [index, entry] of allow.entries()) {
      const block = blockOf(entry)
      const host = hostOf(entry)
      if (block !== null) this.#blocks.push(block)
      else if (host !== null) this.#hosts.add(host)
      else throw new MCP_AUTH_BAD_OPTION(`option "outgoing.allow.${index}" must be a host, host:port, or block such as 10.1.0.0/16`)
    }
  }

  /** Why no connection for this target may go to this address; `null` when one may. */
  fault (address: string, { protocol, hostname, port }: URL): string | null {
    if (this.allowLoopback && isLoopback(address)) return null
    if (protocol !== 'https:') return `http is for loopback alone, and its address is ${address}`
    if (isPublic(address) || this.#blocks.some(block => isWithin(address, block))) return null
    const isNamed = this.#hosts.has(hostname) || this.#hosts.has(`${hostname}:${port === '' ? '443' : port}`)
    return isNamed && isPrivate(address) ? null : `its address ${address} is not one of the internet, nor among those allowed`
  }
}

/** As the parser of URLs writes it, so that it can be compared. */
function hostOf (entry: string): string | null {
  const [, name, port] = HOST.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (name === undefined || !URL.canParse(`https://${name}`) || Number(port) > 65_535) return null
  const { hostname } = new URL(`https://${name}`)
  return port === undefined ? hostname : `${hostname}:${Number(port)}`
}
