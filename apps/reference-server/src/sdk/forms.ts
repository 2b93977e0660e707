import type { ElicitRequestFormParams } from '@modelcontextprotocol/server'

type Form = ElicitRequestFormParams['requestedSchema']

/** A form of one text field. */
export function textForm (field: string): Form {
  return { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] }
}

export const confirmForm: Form = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] }

export const contactForm: Form = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" }
  },
  required: ['username', 'email']
}

/** A default for each primitive type (SEP-1034). */
export const defaultsForm: Form = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'User name', default: 'John Doe' },
    age: { type: 'integer', description: 'User age', default: 30 },
    score: { type: 'number', description: 'User score', default: 95.5 },
    status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', description: 'Whether the user is verified', default: true }
  },
  required: []
}

/** Every way to offer a choice (SEP-1330). */
export const choicesForm: Form = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', description: 'One of a list', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', description: 'One of a list with titles', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      description: 'One of a list with titles, as revisions before 2025-11-25 wrote it',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three']
    },
    untitledMulti: {
      type: 'array', description: 'Several of a list', items: { type: 'string', enum: ['option1', 'option2', 'option3'] }
    },
    titledMulti: { type: 'array', description: 'Several of a list with titles', items: { anyOf: titled('Choice') } }
  },
  required: []
}

function titled (noun: string): Array<{ const: string, title: string }> {
  return ['First', 'Second', 'Third'].map((ordinal, index) => ({ const: `value${index + 1}`, title: `${ordinal} ${noun}` }))
}
