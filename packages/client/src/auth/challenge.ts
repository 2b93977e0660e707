/**
 * `WWW-Authenticate`: several challenges in one field, quoted strings, case-insensitive names (G-37).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 */
import type { AuthChallenge } from './auth.ts'

export interface Challenge {
  /** Lower case: `bearer`, `basic`, `dpop`. */
  readonly scheme: string
  /** By name, in lower case. */
  readonly params: Readonly<Record<string, string>>
  /** What stands in place of parameters, as with `Negotiate`. */
  readonly token68?: string
}

/** A parameter, or a word: the name of a scheme where it begins the field or follows a comma, else what stands in place of parameters. */
const PART = /([ \t,]*)(?:([!#$%&'*+\-.^`|~\w]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=][^\s,"]*))|([!#$%&'*+\-.^`|~\w/]+=*))/y
const LONGEST = 16_384

/** Challenges in the order they were sent. What cannot be read ends the list: nothing is guessed. */
export function parseChallenges (value = ''): Challenge[] {
  const challenges: Array<{ scheme: string, params: Record<string, string>, token68?: string }> = []
  PART.lastIndex = 0
  for (let part = PART.exec(value.slice(0, LONGEST)); part !== null; part = PART.exec(value.slice(0, LONGEST))) {
    const [, before = '', name = '', quoted, plain = '', word] = part
    const last = challenges.at(-1)
    if (word !== undefined && (last === undefined || before.includes(','))) challenges.push({ scheme: word.toLowerCase(), params: {} })
    else if (last === undefined) break
    else if (word !== undefined) last.token68 = word
    // The first one counts: a later one of the same name may come from somebody else.
    else if (!Object.hasOwn(last.params, name.toLowerCase())) last.params[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain
  }
  return challenges
}

/** A parameter of the first bearer challenge that has it. */
export function bearerParam (challenges: readonly Challenge[], name: string): string | undefined {
  return challenges.find(({ scheme, params }) => scheme === 'bearer' && Object.hasOwn(params, name))?.params[name]
}

/** What a refusal asks for; `undefined` when it is no matter of credentials. */
export function challengeOf (status: number, url: URL, wwwAuthenticate: string | undefined): AuthChallenge | undefined {
  if (status !== 401 && status !== 403) return undefined
  const challenges = parseChallenges(wwwAuthenticate)
  const [error, scope, resourceMetadata] = ['error', 'scope', 'resource_metadata'].map(name => bearerParam(challenges, name))
  return status === 401 || error === 'insufficient_scope' ? { status, url, challenges, error, scope, resourceMetadata } : undefined
}
