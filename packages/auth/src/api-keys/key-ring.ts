/** Where API keys are looked up. */
import type { KeptPrincipal } from '../authenticator.ts'
import { MCP_AUTH_BAD_PRINCIPAL } from '../errors.ts'
import { hashApiKey, type ApiKey } from './api-key.ts'
import { bucketOf, digestOf, fromHex, sameDigest } from './digest.ts'
import { keptKey, keyFault, type KeptKey } from './kept-key.ts'
import { RecentKeys } from './recent-keys.ts'

export interface KeyRing {
  /** Whose key this is. Answers a value where it need not wait. */
  find (key: string): KeptPrincipal | null | Promise<KeptPrincipal | null>
  close (): void
}

export class MemoryKeyRing implements KeyRing {
  /** By what tells digests apart; the whole is compared in constant time. */
  #buckets: ReadonlyMap<number, readonly KeptKey[]> = new Map()
  readonly #recent = new RecentKeys()

  constructor (keys: readonly KeptKey[]) {
    this.replace(keys)
  }

  replace (keys: readonly KeptKey[]): void {
    const buckets = new Map<number, KeptKey[]>()
    for (const key of keys) {
      const bucket = bucketOf(key.digest)
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
    const shown = digestOf(key)
    for (const { digest, principal } of this.#buckets.get(bucketOf(shown)) ?? []) {
      if (!sameDigest(digest, shown)) continue
      this.#recent.add(key, principal)
      return principal
    }
    return null
  }
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
    return found instanceof Promise ? found.then(late => this.#checked(late, hash)) : this.#checked(found, hash)
  }

  close (): void {}

  /** A function that finds by less than the whole hash does no harm. */
  #checked (entry: ApiKey | null | undefined, hash: string): KeptPrincipal | null {
    if (entry === null || entry === undefined) return null
    const fault = keyFault(entry)
    if (fault !== null) throw new MCP_AUTH_BAD_PRINCIPAL(`the API key ${fault}`)
    const key = keptKey(entry, this.#name)
    return sameDigest(key.digest, fromHex(hash)) ? key.principal : null
  }
}
