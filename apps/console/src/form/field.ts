/** JSON Schema → the fields of a form. Pure. */
import { isObject, type JsonObject } from '@mcp/protocol'

export type FieldKind =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  /** One of a list. */
  | 'choice'
  /** Several of a list. */
  | 'choices'
  /** Anything else is written as JSON. */
  | 'json'

export interface Choice {
  readonly value: string
  readonly label: string
  /** What is sent: enums may hold numbers, too. */
  readonly sent: unknown
}

export interface Field {
  readonly name: string
  readonly kind: FieldKind
  readonly label: string
  readonly description: string | undefined
  readonly required: boolean
  readonly choices: readonly Choice[]
  /** What the field holds at first, as text, as a checkbox, or as what is chosen of a list. */
  readonly initial: FieldValue
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  /** `email`, `uri`, `date`, `date-time`; `undefined`: any text. */
  readonly format: string | undefined
}

export type FieldValue = string | boolean | readonly string[]

/** Fields of an object schema in their order; `null`: it is no object with properties, and is written as JSON. */
export function fieldsOf (schema: unknown): readonly Field[] | null {
  if (!isObject(schema)) return null
  if (!isObject(schema.properties)) return schema.additionalProperties === undefined && schema.type === 'object' ? [] : null
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties).map(([name, property]) => fieldOf(name, resolved(property, schema), required.includes(name)))
}

function fieldOf (name: string, property: JsonObject, required: boolean): Field {
  const kind = kindOf(property)
  const choices = kind === 'choice' ? choicesOf(property) : kind === 'choices' ? choicesOf(itemsOf(property)) : []
  return {
    name,
    kind,
    label: typeof property.title === 'string' ? property.title : name,
    description: typeof property.description === 'string' ? property.description : undefined,
    required,
    choices,
    initial: initialOf(property.default, kind, choices),
    minimum: numberOrNone(property.minimum),
    maximum: numberOrNone(property.maximum),
    format: typeof property.format === 'string' ? property.format : undefined
  }
}

function kindOf (property: JsonObject): FieldKind {
  if (choicesOf(property).length > 0) return 'choice'
  switch (typeOf(property)) {
    case 'string': return 'text'
    case 'number': return 'number'
    case 'integer': return 'integer'
    case 'boolean': return 'boolean'
    case 'array': return choicesOf(itemsOf(property)).length > 0 ? 'choices' : 'json'
    default: return 'json'
  }
}

/** `["string", "null"]` is a string that may be left out. */
function typeOf ({ type }: JsonObject): unknown {
  if (!Array.isArray(type)) return type
  const types = type.filter(each => each !== 'null')
  return types.length === 1 ? types[0] : undefined
}

/** `enum`, with `enumNames` as old revisions have it, or a `oneOf` or `anyOf` of constants with titles. */
function choicesOf (property: JsonObject): Choice[] {
  const names: readonly unknown[] = Array.isArray(property.enumNames) ? property.enumNames : []
  if (Array.isArray(property.enum)) return property.enum.map((sent: unknown, index) => choice(sent, names[index]))
  const options: unknown = property.oneOf ?? property.anyOf
  if (!Array.isArray(options) || !options.every(option => isObject(option) && 'const' in option)) return []
  return options.map((option: JsonObject) => choice(option.const, option.title))
}

function choice (sent: unknown, title: unknown): Choice {
  const value = typeof sent === 'string' ? sent : JSON.stringify(sent)
  return { value, label: typeof title === 'string' ? title : value, sent }
}

function itemsOf ({ items }: JsonObject): JsonObject {
  return isObject(items) ? items : {}
}

function initialOf (given: unknown, kind: FieldKind, choices: readonly Choice[]): FieldValue {
  if (kind === 'choices') return choices.filter(({ sent }) => Array.isArray(given) && given.includes(sent)).map(({ value }) => value)
  if (kind === 'choice') return choices.find(({ sent }) => sent === given)?.value ?? ''
  if (kind === 'boolean') return given === true
  if (given === undefined) return ''
  return typeof given === 'string' && kind !== 'json' ? given : JSON.stringify(given, null, 2)
}

function numberOrNone (value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Follows one reference within the schema: `#/$defs/name`, `#anchor`. */
function resolved (property: unknown, root: JsonObject): JsonObject {
  if (!isObject(property)) return {}
  const { $ref, ...rest } = property
  if (typeof $ref !== 'string' || !$ref.startsWith('#')) return property
  const target = $ref.startsWith('#/') ? atPointer($ref, root) : atAnchor($ref.slice(1), root)
  return isObject(target) ? { ...target, ...rest } : property
}

function atPointer (pointer: string, root: JsonObject): unknown {
  const keys = pointer.slice(2).split('/').map(key => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  return keys.reduce<unknown>((value, key) => isObject(value) ? value[key] : undefined, root)
}

function atAnchor (anchor: string, root: JsonObject): unknown {
  return isObject(root.$defs) ? Object.values(root.$defs).find(each => isObject(each) && each.$anchor === anchor) : undefined
}
