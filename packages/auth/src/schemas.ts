/** Pieces of the option schemas; `expected` completes the sentence "must be …". */
import { Type, type TArray, type TObject, type TProperties, type TSchema } from '@sinclair/typebox'

export const Text = Type.String({ minLength: 1, expected: 'a non-empty string' })
export const ListOfText = Type.Array(Text, { expected: 'a list of non-empty strings' })
export const TextOrList = Type.Union([Text, Type.Array(Text, { minItems: 1 })], { expected: 'a non-empty string or a list of them' })
export const Flag = Type.Boolean({ expected: 'true or false' })
export const Count = Type.Integer({ minimum: 1, expected: 'an integer of at least 1' })
export const CountOrNone = Type.Integer({ minimum: 0, expected: 'an integer of at least 0' })
export const Func = Type.Function([], Type.Unknown(), { expected: 'a function' })

/** `offline_access` is between client and authorization server; a resource never asks for it (G-15). */
const Scope = Type.String({ pattern: '^(?!offline_access$)[\\x21\\x23-\\x5B\\x5D-\\x7E]+$', expected: 'a scope, and not offline_access' })
export const Scopes = Type.Array(Scope, { expected: 'a list of scopes' })

export function object<P extends TProperties> (properties: P): TObject<P> {
  const needed = Object.entries(properties).filter(([, schema]) => !isOptional(schema)).map(([name]) => `"${name}"`)
  const expected = needed.length === 0 ? 'an object' : `an object with ${needed.join(' and ')}`
  return Type.Object(properties, { additionalProperties: false, expected })
}

export function list<S extends TSchema> (item: S, what: string): TArray<S> {
  return Type.Array(item, { minItems: 1, expected: `a list of ${what}` })
}

function isOptional (schema: TSchema): boolean {
  return Type.Object({ one: schema }).required === undefined
}
