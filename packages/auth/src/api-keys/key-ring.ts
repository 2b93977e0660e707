/** Where API keys are looked up. */
import { isThenable } from '@mcp/protocol'
import { timingSafeEqual } from 'node:crypto'
import type { KeptPrincipal } from '../authenticator.ts'
import { MCP_AUTH_BAD_PRINCIPAL } from '../errors.ts'
import { hashApiKey, type ApiKey } from './api-key.ts'
import { keptKey, keyFault, type KeptKey } from './kept-key.ts'
import { RecentKeys } from './recent-keys.ts'

export interface KeyRing {
  /** Whose key this is. Answers a value where it need not wait. */
  find (key: string): KeptPrincipal | null | Promise<KeptPrincipal | null>
  close (): void
}

/** As many digits as tell keys apart; the rest is compared in constant time. */
const BUCKET_DIGITS = 16

export class MemoryKeyRing implements KeyRing {
  #buckets: ReadonlyMap<string, readonly KeptKey[]> = new Map()
  readonly #recent = new RecentKeys()

  constructor (keys: readonly KeptKey[]) {
    this.replace(keys)
  }

  replace (keys: readonly KeptKey[]): void {
    const buckets = new Map<string, KeptKey[]>()
    for (const key of keys) {
      const bucket = bucketOf(key.digest.toString('hex'))
      buckets.set(bucket, [...buckets.get(bucket) ?? [], key])
    }
    this.#buckets = buckets
    this.#recent.clear()
  }

  find (key: string): KeptPrincipal | null {
    return this.#recent.find(key) ?? this.#look(key)
  }

  close (): void {}

  #look (key: string): KeptPrincipal | null {
    const hash = hashApiKey(key)
    const bucket = this.#buckets.get(bucketOf(hash))
    if (bucket === undefined) return null
    const digest = Buffer.from(hash, 'hex')
    const principal = bucket.find(kept => timingSafeEqual(kept.digest, digest))?.principal ?? null
    if (principal !== null) this.#recent.add(key, principal)
    return principal
  }
}

function bucketOf (hash: string): string {
  return hash.slice(0, BUCKET_DIGITS)
}

/** Gets the SHA-256 of a key in hex, never the key. */
export type FindApiKey = (hash: string) => ApiKey | null | undefined | Promise<ApiKey | null | undefined>

/** Keys somebody else keeps, such as a database. */
export class FunctionKeyRing implements KeyRing {
  readonly #find: FindApiKey
  readonly #name: string

  constructor (find: FindApiKey, name: string) {
    this.#find = find
    this.#name = name
  }

  find (key: string): KeptPrincipal | null | Promise<KeptPrincipal | null> {
    const hash = hashApiKey(key)
    const found = this.#find(hash)
    return isThenable(found) ? Promise.resolve(found).then(late => this.#checked(late, hash)) : this.#checked(found, hash)
  }

  close (): void {}

  /** A function that finds by less than the whole hash does no harm. */
  #checked (entry: ApiKey | null | undefined, hash: string): KeptPrincipal | null {
    if (entry === null || entry === undefined) return null
    const fault = keyFault(entry)
    if (fault !== null) throw new MCP_AUTH_BAD_PRINCIPAL(`the API key ${fault}`)
    const key = keptKey(entry, this.#name)
    return timingSafeEqual(key.digest, Buffer.from(hash, 'hex')) ? key.principal : null
  }
}
