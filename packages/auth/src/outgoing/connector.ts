import { lookup as resolve } from 'node:dns'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import { MCP_AUTH_OUTGOING_FAILED } from '../errors.ts'
import type { Reach } from './reach.ts'
import { hostOf, refusalOf } from './target.ts'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** What tests replace: where names lead, and whom to trust. */
export interface Wiring {
  readonly lookup?: LookupFunction
  /** PEM of a certificate authority. */
  readonly ca?: string
  /** Whether undici opens connections with the connector it is given. Default: what `connectsByConnector` finds. */
  readonly guarded?: boolean
}

/** Bun replaces undici by a shim that ignores the connector, and with it every check of addresses. Its agents cannot dispatch. */
export function connectsByConnector (agent: object): boolean {
  return typeof Reflect.get(agent, 'dispatch') === 'function' && typeof Reflect.get(agent, 'close') === 'function'
}

export interface ConnectorOptions extends Wiring {
  readonly reach: Reach
  readonly timeoutMs: number
}

/**
 * Opens the connections to one origin. Every address its name leads to is judged, and the socket connects to those very addresses: what
 * the name leads to a moment later (DNS rebinding) does not matter. One bad address among good ones turns the connection away.
 */
export function guardedConnector (origin: URL, options: ConnectorOptions): buildConnector.connector {
  const { reach, timeoutMs, ca, lookup = resolve as LookupFunction } = options
  const connect = buildConnector({
    timeout: timeoutMs,
    // Said although it is the default: so NODE_TLS_REJECT_UNAUTHORIZED=0 has no say.
    rejectUnauthorized: true,
    lookup: guardedLookup(lookup, origin, reach),
    ...(ca === undefined ? {} : { ca })
  })
  return (options, callback) => {
    const host = hostOf(origin)
    // An address is connected to without a lookup.
    const refusal = isIP(host) === 0 ? null : refusalOf(host, origin, reach)
    if (refusal === null) connect(options, callback)
    else callback(refusal, null)
  }
}

function guardedLookup (lookup: LookupFunction, origin: URL, reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const addresses = found as LookupAddress[]
      for (const { address } of addresses) {
        const refusal = refusalOf(address, origin, reach)
        if (refusal !== null) return callback(refusal, [])
      }
      const [first] = addresses
      // Node would throw where nobody catches.
      if (first === undefined) return callback(new MCP_AUTH_OUTGOING_FAILED(hostname, 'the name has no address'), [])
      if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
