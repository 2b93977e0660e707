/** Making API keys: long random values of which only a hash is kept (G-23). */
import { hash, randomBytes } from 'node:crypto'

const PREFIX = 'mcp_'
const ID_BYTES = 6
const SECRET_BYTES = 32

/** What is kept of an API key. */
export interface ApiKey {
  /** Names the caller: sessions are bound to it, and a new key under the same id keeps them. */
  readonly id: string
  /** SHA-256 of the key in hex, as {@link hashApiKey} makes it. */
  readonly hash: string
  /** For people. */
  readonly label?: string
  readonly scopes?: readonly string[]
  /** Seconds since the epoch, or a date as in ISO 8601. */
  readonly expiresAt?: number | string
}

export interface NewApiKeyOptions extends Omit<ApiKey, 'id' | 'hash'> {
  /** By default random. */
  readonly id?: string
  /** What the key begins with. By default `mcp_`. */
  readonly prefix?: string
}

/**
 * A key nobody can guess (256 random bits), and what to keep of it. Show `key` to its owner once and keep `entry`. A plain SHA-256 is
 * enough for values that cannot be guessed; it is not for passwords.
 */
export function createApiKey (options: NewApiKeyOptions = {}): { readonly key: string, readonly entry: ApiKey } {
  const { prefix = PREFIX, id = randomBytes(ID_BYTES).toString('hex'), ...rest } = options
  const key = prefix + randomBytes(SECRET_BYTES).toString('base64url')
  return { key, entry: { id, hash: hashApiKey(key), ...rest } }
}

/** SHA-256 in hex: what {@link ApiKey.hash} holds. */
export function hashApiKey (key: string): string {
  return hash('sha256', key, 'hex')
}
