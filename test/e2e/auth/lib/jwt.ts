/** Tokens as issuers make them, and as attackers do. */
import { createHmac, generateKeyPairSync, randomUUID, sign, type JsonWebKey, type KeyObject } from 'node:crypto'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** With the private parts. */
  readonly jwk: JsonWebKey
}

export function rsaKey (): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = randomUUID()
  return { kid, privateKey, publicKey, jwk: { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } }
}

type Json = Readonly<Record<string, unknown>>

/** RS256, with the header of an access token unless said otherwise; a member that is `undefined` is left out. */
export function rs256 (key: SigningKey, claims: Json, header: Json = {}): string {
  const input = signingInput({ alg: 'RS256', typ: 'at+jwt', kid: key.kid, ...header }, claims)
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`
}

/** Signed with a secret that everybody knows: the issuer's public key. */
export function hs256 (key: SigningKey, claims: Json, secret: string | Buffer): string {
  const input = signingInput({ alg: 'HS256', typ: 'at+jwt', kid: key.kid }, claims)
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export function unsigned (claims: Json, alg = 'none'): string {
  return `${signingInput({ alg, typ: 'at+jwt' }, claims)}.`
}

/** What a token says; nothing is verified. */
export function claimsOf (token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

export function signingInput (header: Json, claims: Json): string {
  return [header, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
}
