/** Where API keys are looked up. */
import { timingSafeEqual } from 'node:crypto'
import type { KeptPrincipal } from '../authenticator.ts'
import { MCP_AUTH_BAD_PRINCIPAL } from '../errors.ts'
import type { ApiKey } from './api-key.ts'
import { keptKey, keyFault, type KeptKey } from './kept-key.ts'

export interface KeyRing {
  /** Whose key has this SHA-256. Answers a value where it need not wait. */
  find (digest: Buffer): KeptPrincipal | null | Promise<KeptPrincipal | null>
  close (): void
}

/** As many bytes of the digest as tell keys apart; the rest is compared in constant time. */
const BUCKET_BYTES = 8

export class MemoryKeyRing implements KeyRing {
  #buckets: ReadonlyMap<string, readonly KeptKey[]> = new Map()

  constructor (keys: readonly KeptKey[]) {
    this.replace(keys)
  }

  replace (keys: readonly KeptKey[]): void {
    const buckets = new Map<string, KeptKey[]>()
    for (const key of keys) {
      const bucket = bucketOf(key.digest)
      buckets.set(bucket, [...buckets.get(bucket) ?? [], key])
    }
    this.#buckets = buckets
  }

  find (digest: Buffer): KeptPrincipal | null {
    const bucket = this.#buckets.get(bucketOf(digest))
    return bucket?.find(key => timingSafeEqual(key.digest, digest))?.principal ?? null
  }

  close (): void {}
}

function bucketOf (digest: Buffer): string {
  return digest.toString('latin1', 0, BUCKET_BYTES)
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

  find (digest: Buffer): KeptPrincipal | null | Promise<KeptPrincipal | null> {
    const found = this.#find(digest.toString('hex'))
    return found instanceof Promise ? found.then(late => this.#checked(late, digest)) : this.#checked(found, digest)
  }

  close (): void {}

  /** A function that finds by less than the whole hash does no harm. */
  #checked (entry: ApiKey | null | undefined, digest: Buffer): KeptPrincipal | null {
    if (entry === null || entry === undefined) return null
    const fault = keyFault(entry)
    if (fault !== null) throw new MCP_AUTH_BAD_PRINCIPAL(`the API key ${fault}`)
    const key = keptKey(entry, this.#name)
    return timingSafeEqual(key.digest, digest) ? key.principal : null
  }
}
