/** Authentication by a function of the one who runs the server. */
import { isObject, isThenable, type Principal, type RequestHead } from '@mcp/protocol'
import type { FastifyRequest } from 'fastify'
import { denied, frozen, isExpired, proven, type Denial, type KeptPrincipal, type Outcome } from './authenticator.ts'
import { isUnavailable, MCP_AUTH_BAD_PRINCIPAL } from './errors.ts'
import { isAboutToken } from './token-error.ts'

/** What a function answers: a principal whose `kind` may be left out (`custom`), or `null` for a token that is worth nothing. */
export type CustomAnswer = (Omit<Principal, 'kind' | 'token'> & { readonly kind?: string }) | null

/**
 * `token` is `null` only where `withoutToken` is set. Throw `MCP_AUTH_UNAVAILABLE` where it cannot be told right now: the client gets
 * 503. What a JWT library throws about a token means `null`: errors of `@fastify/jwt`, fast-jwt, jose and jsonwebtoken about a token,
 * and errors with the status 401. Whatever else is thrown is a fault of the function: 500.
 */
export type CustomAuthenticate = (token: string | null, head: RequestHead) => CustomAnswer | Promise<CustomAnswer>

/** Reads the principal that hooks of the application have put on the request; `null`: there is none, so 401. */
export type FromRequest = (request: FastifyRequest) => CustomAnswer | Promise<CustomAnswer>

/** @throws `MCP_AUTH_BAD_PRINCIPAL` where the request comes from another framework */
export function customFromRequest (read: FromRequest): CustomAuthenticate {
  return (_token, { source }) => {
    if (!isFastifyRequest(source)) throw new MCP_AUTH_BAD_PRINCIPAL('"fromRequest" was asked about no Fastify request')
    return read(source)
  }
}

function isFastifyRequest (source: object | undefined): source is FastifyRequest {
  return source !== undefined && 'routeOptions' in source
}

export class CustomAuthenticator {
  readonly #function: CustomAuthenticate

  constructor (authenticate: CustomAuthenticate) {
    this.#function = authenticate
  }

  /** `token` `null`: nothing was sent. */
  authenticate (token: string | null, head: RequestHead): Outcome | Promise<Outcome> {
    try {
      const answer = this.#function(token, head)
      return isThenable(answer) ? Promise.resolve(answer).then(late => judged(late, token), verdictOf) : judged(answer, token)
    } catch (error) {
      return verdictOf(error)
    }
  }
}

/** @throws what says nothing about the token */
function verdictOf (error: unknown): Denial {
  if (isUnavailable(error) || !isAboutToken(error)) throw error
  return denied('the token is not accepted')
}

function judged (answer: unknown, token: string | null): Outcome {
  if (answer === null) return denied('the token is not accepted')
  const principal = checked(answer)
  if (isExpired(principal.expiresAt)) return denied('the token has expired')
  return token === null ? { kind: 'principal', principal } : proven(principal, token)
}

function checked (answer: unknown): KeptPrincipal {
  if (!isObject(answer)) throw new MCP_AUTH_BAD_PRINCIPAL('neither a principal nor null')
  const { kind = 'custom', issuer, subject, clientId, scopes, expiresAt, claims } = answer
  if (!isName(kind) || !isName(issuer) || !isName(subject)) throw new MCP_AUTH_BAD_PRINCIPAL('a principal needs "issuer" and "subject"')
  if (clientId !== undefined && !isName(clientId)) throw new MCP_AUTH_BAD_PRINCIPAL('"clientId" of a principal must be a string')
  if (!Array.isArray(scopes) || !scopes.every(isName)) throw new MCP_AUTH_BAD_PRINCIPAL('"scopes" of a principal must be a list of strings')
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) throw new MCP_AUTH_BAD_PRINCIPAL('"expiresAt" of a principal must be seconds')
  return {
    kind,
    issuer,
    subject,
    scopes: frozen([...scopes]),
    ...(clientId === undefined ? {} : { clientId }),
    ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
    ...(isObject(claims) ? { claims } : {})
  }
}

function isName (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
