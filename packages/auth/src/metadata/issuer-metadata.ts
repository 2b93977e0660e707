/** What an authorization server says about itself, found as clients find it (G-39, G-40). */
import { isObject, type JsonObject } from '@mcp/protocol'
import { MCP_AUTH_UNAVAILABLE } from '../errors.ts'
import type { Outgoing } from '../outgoing/index.ts'
import { Refreshed } from '../refreshed.ts'

const MAX_AGE_MS = 3_600_000
const MAX_STALE_MS = 24 * 3_600_000
const RETRY_MS = 5000
const RENEW_MS = 60_000

export class IssuerMetadata {
  readonly #document: Refreshed<JsonObject>

  constructor (outgoing: Outgoing, issuer: string, onError: (error: unknown) => void) {
    const policy = { maxAgeMs: MAX_AGE_MS, maxStaleMs: MAX_STALE_MS, retryMs: RETRY_MS }
    this.#document = new Refreshed(() => discover(outgoing, issuer), policy, onError)
  }

  /** @throws `MCP_AUTH_UNAVAILABLE` */
  document (): JsonObject | Promise<JsonObject> {
    return this.#document.get()
  }

  /** `again`: the keys were not where we thought, so the metadata may have changed. @throws `MCP_AUTH_UNAVAILABLE` */
  async jwksUrl (again: boolean): Promise<string> {
    const { jwks_uri: url } = await (again ? this.#document.renew(RENEW_MS) ?? this.#document.get() : this.#document.get())
    if (typeof url !== 'string') throw new MCP_AUTH_UNAVAILABLE('the metadata of the issuer names no jwks_uri')
    return url
  }
}

/** The well-known addresses of an issuer, in the order to ask them. */
export function metadataUrls (issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const inserted = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}/.well-known/openid-configuration${path}`]
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`]
}

async function discover (outgoing: Outgoing, issuer: string): Promise<JsonObject> {
  let reason: unknown
  for (const url of metadataUrls(issuer)) {
    try {
      const document = await read(outgoing, url)
      if (document.issuer === issuer) return document
      reason ??= new MCP_AUTH_UNAVAILABLE(`the metadata at ${url} is about another issuer`)
    } catch (error) {
      reason ??= error
    }
  }
  throw reason
}

async function read (outgoing: Outgoing, url: string): Promise<JsonObject> {
  const { status, text } = await outgoing.request(url, { headers: { accept: 'application/json' } })
  if (status !== 200) throw new MCP_AUTH_UNAVAILABLE(`${url} answered ${status}`)
  const document: unknown = JSON.parse(text)
  if (!isObject(document)) throw new MCP_AUTH_UNAVAILABLE(`${url} holds no JSON object`)
  return document
}
