/**
 * `WWW-Authenticate`: several challenges in one field, quoted strings, case-insensitive names (G-37).
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 */

export interface Challenge {
  /** Lower case: `bearer`, `basic`, `dpop`. */
  readonly scheme: string
  /** By name, in lower case. */
  readonly params: Readonly<Record<string, string>>
  /** What stands in place of parameters, as with `Negotiate`. */
  readonly token68?: string
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const PARAM = /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?!=)(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z:/?=@[\]{}();<>]+))/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const SEPARATORS = /[ \t,]*/y
const SPACES = /[ \t]+/y

/** Challenges in the order they were sent. What cannot be read ends the list: nothing is guessed. */
export function parseChallenges (value: string | undefined): Challenge[] {
  const text = (value ?? '').slice(0, 16_384)
  const challenges: Challenge[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  for (;;) {
    take(SEPARATORS)
    const scheme = take(TOKEN)
    if (scheme === null) return challenges
    const params: Record<string, string> = {}
    const challenge: Challenge = { scheme: scheme[0].toLowerCase(), params }
    challenges.push(challenge)
    if (take(SPACES) === null) continue
    const before = at
    while (true) {
      const start = at
      if (Object.keys(params).length > 0) take(SEPARATORS)
      const param = take(PARAM)
      if (param === null) {
        at = start
        break
      }
      const [, name = '', quoted, plain = ''] = param
      // The first one counts: a later one of the same name may come from somebody else.
      const key = name.toLowerCase()
      if (!Object.hasOwn(params, key)) params[key] = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1')
    }
    if (at !== before) continue
    const token68 = take(TOKEN68)
    if (token68 !== null) challenges[challenges.length - 1] = { ...challenge, token68: token68[0] }
  }
}

/** A parameter of the first bearer challenge that has it. */
export function bearerParam (challenges: readonly Challenge[], name: string): string | undefined {
  return challenges.find(({ scheme, params }) => scheme === 'bearer' && Object.hasOwn(params, name))?.params[name]
}
