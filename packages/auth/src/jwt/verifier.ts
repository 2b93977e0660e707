/** One key and what every token it signed has to fulfil, in the hands of `@fastify/jwt`. */
import fastifyJwt from '@fastify/jwt'
import { isObject, type JsonObject } from '@mcp/protocol'
import Fastify from 'fastify'
import type { JwtAlgorithm } from './algorithms.ts'
import { edwardsVerifier, isEdwards, type Edwards } from './edwards.ts'
import { unverified } from './unverified.ts'
import type { VerificationKey } from './verification-key.ts'

/** What every token of one issuer has to fulfil. */
export interface TokenPolicy {
  readonly issuer: string
  readonly audiences: readonly string[]
  /** Of which a token without audience must name one as its client; none: every token needs an audience. */
  readonly clients?: readonly string[]
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
  const algorithms = key.algorithms.filter((one): one is Exclude<JwtAlgorithm, Edwards> => !isEdwards(one))
  const edwards = algorithms.length === key.algorithms.length ? null : edwardsVerifier(key.material, policy)
  if (edwards !== null && algorithms.length === 0) return { key, verify: edwards, close: async () => {} }
  const app = Fastify({ logger: false })
  await app.register(fastifyJwt, {
    secret: { public: key.material },
    verify: {
      algorithms,
      allowedIss: policy.issuer,
      ...policy.audiences.length > 0 && { allowedAud: [...policy.audiences] },
      requiredClaims: ['iss', 'exp', ...policy.clients === undefined ? ['aud'] : []],
      clockTolerance: policy.skewSeconds * 1000,
      complete: true
    }
  })
  await app.ready()
  const verify = (token: string): VerifiedToken => {
    if (edwards !== null && isEdwards(unverified(token)?.header.alg)) return edwards(token)
    return complete(app.jwt.verify(token))
  }
  return { key, verify, close: () => app.close() }
}

function complete (verified: unknown): VerifiedToken {
  const { header, payload } = isObject(verified) ? verified : {}
  if (isObject(header) && isObject(payload)) return { header, payload }
  throw new TypeError('@fastify/jwt answered something else than a complete token')
}
