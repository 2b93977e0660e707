/** Requests turned away, with the challenge that tells the client what to do. */
import { ErrorCode, type Refusal } from '@mcp/protocol'
import type { Challenges } from './challenge.ts'

/** Seconds a client is asked to wait while nobody can vouch for its credential. */
const RETRY_AFTER_S = '5'

export class Refusals {
  readonly #challenges: Challenges
  readonly missing: Refusal

  constructor (challenges: Challenges) {
    this.#challenges = challenges
    this.missing = refuse('credentials', 401, 'Unauthorized: no credential was sent', challenges.missing)
  }

  /** Something was sent that is no credential of ours: like nothing. */
  unknownScheme (reason: string): Refusal {
    return refuse('credentials', 401, `Unauthorized: ${reason}`, this.#challenges.missing)
  }

  malformed (reason: string): Refusal {
    return refuse('credentials', 400, `Invalid request: ${reason}`, this.#challenges.invalidRequest('One credential in one header is expected'))
  }

  /** `reason` may quote the token's claims, so it stays out of the header. */
  denied (reason: string): Refusal {
    return refuse('token', 401, `Unauthorized: ${reason}`, this.#challenges.invalidToken('The token is invalid or has expired'))
  }

  unavailable (): Refusal {
    return {
      kind: 'refused',
      rung: 'auth-unavailable',
      status: 503,
      id: undefined,
      code: ErrorCode.InternalError,
      message: 'The credential cannot be verified right now',
      headers: { 'retry-after': RETRY_AFTER_S }
    }
  }

  insufficientScope (scopes: readonly string[]): Refusal {
    return refuse('scope', 403, `Forbidden: the operation needs the scopes ${scopes.join(' ')}`, this.#challenges.insufficientScope(scopes))
  }

  /** No scope would help, so none is asked for: a challenge would send the client into a step-up that cannot succeed. */
  forbidden (unnamed?: string): Refusal {
    return refuse('scope', 403, unnamed === undefined ? 'Forbidden' : `Forbidden: no rule allows ${unnamed}`)
  }
}

function refuse (rung: string, status: number, message: string, challenge?: string): Refusal {
  const refusal = { kind: 'refused', rung, status, id: undefined, code: ErrorCode.InvalidRequest, message } as const
  return challenge === undefined ? refusal : { ...refusal, headers: { 'www-authenticate': challenge } }
}
