/** An authorization server as far as a resource server can tell: metadata, keys, introspection. */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import Fastify, { type FastifyRequest } from 'fastify'
import type { Teardown } from './helper.ts'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface TestIssuer {
  readonly url: string
  readonly jwksUrl: string
  readonly introspectionUrl: string
  readonly metadata: Record<string, unknown>
  /** What it publishes; may be changed. */
  keys: SigningKey[]
  /** How often each path was asked for. */
  readonly asked: Map<string, number>
  /** Any other status than 200 for everything. */
  status: number
  /** What introspection answers. */
  introspect: (form: URLSearchParams, request: FastifyRequest) => unknown
  jwks: () => unknown
}

export interface TestIssuerOptions {
  /** Path of the issuer, without a slash at the end. */
  readonly path?: string
  /** Where its metadata is. */
  readonly metadataPath?: string
}

export async function issuer (t: Teardown, { path = '', metadataPath = `/.well-known/oauth-authorization-server${path}` }: TestIssuerOptions = {}): Promise<TestIssuer> {
  const app = Fastify()
  t.teardown(() => app.close())
  const asked = new Map<string, number>()
  app.addHook('onRequest', async (request, reply) => {
    asked.set(request.url, (asked.get(request.url) ?? 0) + 1)
    if (server.status !== 200) return reply.code(server.status).send({})
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, new URLSearchParams(String(body))))
  app.get(metadataPath, async () => server.metadata)
  app.get('/jwks', async () => server.jwks())
  app.post('/introspect', async request => server.introspect(request.body as URLSearchParams, request))
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const server: TestIssuer = {
    url: origin + path,
    jwksUrl: `${origin}/jwks`,
    introspectionUrl: `${origin}/introspect`,
    metadata: { issuer: origin + path, jwks_uri: `${origin}/jwks`, token_endpoint: `${origin}/token` },
    keys: [RSA],
    asked,
    status: 200,
    introspect: () => ({ active: false }),
    jwks: () => ({ keys: server.keys.map(jwkOf) })
  }
  return server
}

export function signingKey (kid: string, algorithm = 'RS256'): SigningKey {
  return { kid, algorithm, ...pairFor(algorithm) }
}

function pairFor (algorithm: string): { privateKey: KeyObject, publicKey: KeyObject } {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' })
    case 'ES512':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' })
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
  }
}

export const RSA = signingKey('first')

export function jwkOf ({ kid, algorithm, publicKey }: SigningKey): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
}

export function pemOf ({ publicKey }: SigningKey): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

type Json = Record<string, unknown>

/** A token made by hand, so that it may be as wrong as a test wants it. */
export function token (claims: Json, key: SigningKey | string | null = RSA, header: Json = {}): string {
  const named = typeof key === 'string' ? { alg: 'HS256' } : key === null ? { alg: 'none' } : { alg: key.algorithm, kid: key.kid }
  const input = `${segment({ typ: 'at+jwt', ...named, ...header })}.${segment(claims)}`
  return `${input}.${signature(input, key).toString('base64url')}`
}

function segment (part: Json): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function signature (input: string, key: SigningKey | string | null): Buffer {
  if (key === null) return Buffer.alloc(0)
  if (typeof key === 'string') return createHmac('sha256', key).update(input).digest()
  const data = Buffer.from(input)
  if (key.algorithm.startsWith('Ed')) return sign(null, data, key.privateKey)
  const digest = `sha${key.algorithm.slice(2)}`
  const options = key.algorithm.startsWith('PS') ? { padding: 6, saltLength: 32 } : {}
  return sign(digest, data, { key: key.privateKey, dsaEncoding: 'ieee-p1363', ...options })
}

export const RESOURCE = 'https://mcp.example.com/mcp'

/** Claims of a good access token, with changes; `undefined` leaves one out. */
export function claims (issuer: string, changes: Json = {}): Json {
  const now = Math.floor(Date.now() / 1000)
  return { iss: issuer, aud: RESOURCE, sub: 'alice', client_id: 'app', scope: 'read write', iat: now, exp: now + 300, ...changes }
}
