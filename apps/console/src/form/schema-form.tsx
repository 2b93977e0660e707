import type { JsonObject } from '@mcp/protocol'
import type { ComponentChildren } from 'preact'
import { useId, useMemo, useState } from 'preact/hooks'
import { fieldsOf, type Field, type FieldValue } from './field.ts'
import { FieldInput } from './field-input.tsx'
import { filled, filledJson, initialValues, type Filled, type Values } from './form-values.ts'

interface Props {
  readonly schema: unknown
  readonly label: string
  readonly onSubmit: (content: JsonObject) => void
  /** The buttons. */
  readonly children: ComponentChildren
}

/** What a whole object is written into where its schema is no list of fields. */
const WHOLE: Field = {
  name: '',
  kind: 'json',
  label: 'Arguments',
  description: 'A JSON object',
  required: false,
  choices: [],
  initial: '{}',
  minimum: undefined,
  maximum: undefined,
  format: undefined
}

/** A form made of a JSON Schema. Give it a key: another schema is another form. */
export function SchemaForm ({ schema, label, onSubmit, children }: Props) {
  const fields = useMemo(() => fieldsOf(schema), [schema])
  const shown = fields ?? [WHOLE]
  const [values, setValues] = useState<Values>(() => initialValues(shown))
  const [faults, setFaults] = useState<Filled['faults']>({})
  const id = useId()

  const change = (name: string, value: FieldValue): void => {
    setValues(before => ({ ...before, [name]: value }))
    setFaults(({ [name]: _, ...rest }) => rest)
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const { content, faults } = fields === null ? filledJson(String(values[''] ?? '')) : filled(fields, values)
    setFaults(faults)
    const [first] = Object.keys(faults)
    if (first === undefined) return onSubmit(content)
    document.getElementById(`${id}-${first}`)?.focus()
  }
  return (
    <form class='schema-form' aria-label={label} noValidate onSubmit={submit}>
      {shown.map(field => (
        <FieldInput
          key={field.name} field={field} id={`${id}-${field.name}`} value={values[field.name] ?? field.initial} fault={faults[field.name]}
          onChange={value => change(field.name, value)}
        />
      ))}
      <div class='buttons'>{children}</div>
    </form>
  )
}
