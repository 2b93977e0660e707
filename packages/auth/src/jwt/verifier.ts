/** One key and what every token it signed has to fulfil, in the hands of `@fastify/jwt`. */
import fastifyJwt from '@fastify/jwt'
import { isObject, type JsonObject } from '@mcp/protocol'
import Fastify from 'fastify'
import type { JwtAlgorithm } from './algorithms.ts'
import type { VerificationKey } from './verification-key.ts'

/** What every token of one issuer has to fulfil. */
export interface TokenPolicy {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  readonly skewSeconds: number
}

/** A token whose signature and registered claims are good. */
export interface VerifiedToken {
  readonly header: JsonObject
  readonly payload: JsonObject
}

export interface Verifier {
  readonly key: VerificationKey
  /** @throws a `TokenError` of fast-jwt */
  verify (token: string): VerifiedToken
  close (): Promise<void>
}

/**
 * `@fastify/jwt` takes its key when it is registered and decorates whom it is registered with, while keys come and go with their issuer.
 * So each key gets an application of its own, which never listens and which nobody else sees.
 * @throws When the key is none that can be used.
 */
export async function openVerifier (key: VerificationKey, policy: TokenPolicy): Promise<Verifier> {
  const app = Fastify({ logger: false })
  await app.register(fastifyJwt, {
    secret: { public: key.material },
    verify: {
      algorithms: [...key.algorithms],
      allowedIss: policy.issuer,
      allowedAud: [...policy.audiences],
      requiredClaims: ['iss', 'aud', 'exp'],
      clockTolerance: policy.skewSeconds * 1000,
      complete: true
    }
  })
  await app.ready()
  return { key, verify: token => complete(app.jwt.verify(token)), close: () => app.close() }
}

function complete (verified: unknown): VerifiedToken {
  const { header, payload } = isObject(verified) ? verified : {}
  if (isObject(header) && isObject(payload)) return { header, payload }
  throw new TypeError('@fastify/jwt answered something else than a complete token')
}
