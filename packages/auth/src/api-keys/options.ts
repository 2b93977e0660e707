import { Type } from '@sinclair/typebox'
import { Count, Func, object, Text } from '../schemas.ts'
import type { ApiKey } from './api-key.ts'
import type { FindApiKey } from './key-ring.ts'

export const ApiKeyOptionsSchema = object({
  keys: Type.Optional(Type.Array(Type.Unknown(), { expected: 'a list of API keys' })),
  file: Type.Optional(Text),
  find: Type.Optional(Func),
  header: Type.Optional(Type.String({
    pattern: '^(?![Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]$)[!#$%&\'*+.^_`|~0-9A-Za-z-]+$', expected: 'the name of a header other than Authorization'
  })),
  prefix: Type.Optional(Text),
  name: Type.Optional(Text),
  pollMs: Type.Optional(Count)
})

/** Exactly one of `keys`, `file`, `find`. */
export interface ApiKeyOptions {
  readonly keys?: readonly ApiKey[]
  /** Path of a JSON file with a list of keys, or an object with a list `keys`. Read again when it changes. */
  readonly file?: string
  /** Finds a key by its SHA-256 in hex. */
  readonly find?: FindApiKey
  /** A header that may carry the key instead of `Authorization: Bearer`, such as `x-api-key`. */
  readonly header?: string
  /** What tells keys from tokens of `introspection` or `custom`. Default `mcp_`. Alone or with `jwt`, keys need none. */
  readonly prefix?: string
  /** Stands for the issuer of principals. Default `api-keys`. */
  readonly name?: string
  /** How often `file` is looked at, milliseconds. Default 1000. */
  readonly pollMs?: number
}
