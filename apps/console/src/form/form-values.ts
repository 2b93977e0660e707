/** What somebody filled in → what is sent. Pure. */
import { isObject, type JsonObject } from '@mcp/protocol'
import type { Field, FieldValue } from './field.ts'

export type Values = Readonly<Record<string, FieldValue>>

export interface Filled {
  readonly content: JsonObject
  /** By field: one sentence about what is wrong. Empty: it can be sent. */
  readonly faults: Readonly<Record<string, string>>
}

/** A value that is left out, and one that cannot be sent. */
type Read = { readonly sent: unknown } | { readonly fault: string } | null

export function initialValues (fields: readonly Field[]): Values {
  return Object.fromEntries(fields.map(({ name, initial }) => [name, initial]))
}

/** Checks only what a form has to know; whether values are right is the server's to say. */
export function filled (fields: readonly Field[], values: Values): Filled {
  const content: Record<string, unknown> = {}
  const faults: Record<string, string> = {}
  for (const field of fields) {
    const read = readValue(field, values[field.name] ?? field.initial)
    if (read === null) {
      if (field.required) faults[field.name] = `${field.label} is required.`
    } else if ('fault' in read) faults[field.name] = read.fault
    else content[field.name] = read.sent
  }
  return { content, faults }
}

/** A whole object written as JSON. */
export function filledJson (text: string): Filled {
  if (text.trim() === '') return { content: {}, faults: {} }
  const value = parsed(text)
  return isObject(value) ? { content: value, faults: {} } : { content: {}, faults: { '': 'This is not a JSON object.' } }
}

function readValue (field: Field, value: FieldValue): Read {
  if (typeof value === 'boolean') return { sent: value }
  if (typeof value !== 'string') {
    const sent = field.choices.filter(choice => value.includes(choice.value)).map(choice => choice.sent)
    return sent.length > 0 || field.required ? { sent } : null
  }
  if (value === '') return null
  switch (field.kind) {
    case 'number':
    case 'integer':
      return readNumber(field, value)
    case 'choice': {
      const chosen = field.choices.find(choice => choice.value === value)
      return chosen === undefined ? null : { sent: chosen.sent }
    }
    case 'json': {
      const sent = parsed(value)
      return sent === undefined ? { fault: `${field.label} is not JSON.` } : { sent }
    }
    default:
      return { sent: value }
  }
}

function readNumber ({ label, kind, minimum, maximum }: Field, text: string): Read {
  const sent = Number(text)
  if (text.trim() === '' || !Number.isFinite(sent)) return { fault: `${label} is not a number.` }
  if (kind === 'integer' && !Number.isInteger(sent)) return { fault: `${label} is not a whole number.` }
  if (minimum !== undefined && sent < minimum) return { fault: `${label} is ${minimum} at least.` }
  if (maximum !== undefined && sent > maximum) return { fault: `${label} is ${maximum} at most.` }
  return { sent }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
