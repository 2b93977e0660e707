import type { Field, FieldValue } from './field.ts'

interface Props {
  readonly field: Field
  readonly id: string
  readonly value: FieldValue
  /** Ids of what describes it, separated by spaces; empty: nothing does. */
  readonly describedBy: string
  readonly invalid: boolean
  readonly onChange: (value: FieldValue) => void
}

/** Formats that have a keyboard of their own. */
const KEYBOARDS: Readonly<Record<string, 'email' | 'url'>> = { email: 'email', uri: 'url' }

/** What people write, choose or tick. */
export function FieldControl ({ field, id, value, describedBy, invalid, onChange }: Props) {
  const { kind, required, choices, minimum, maximum, format } = field
  const common = {
    id,
    'aria-describedby': describedBy === '' ? undefined : describedBy,
    'aria-invalid': invalid ? 'true' as const : undefined,
    'aria-required': required && kind !== 'boolean' ? 'true' as const : undefined
  }
  const write = (event: { readonly currentTarget: { readonly value: string } }): void => onChange(event.currentTarget.value)
  switch (kind) {
    case 'boolean':
      return <input {...common} type='checkbox' checked={value === true} onChange={event => onChange(event.currentTarget.checked)} />
    case 'choice':
      return (
        <select {...common} value={String(value)} onChange={write}>
          <option value=''>{required ? 'Choose' : 'Not set'}</option>
          {choices.map(({ value, label }) => <option key={value} value={value}>{label}</option>)}
        </select>
      )
    case 'choices':
      return <Checkboxes field={field} id={id} value={value} onChange={onChange} />
    case 'json':
      return <textarea {...common} class='mono' rows={4} spellcheck={false} value={String(value)} onInput={write} />
    case 'number':
    case 'integer':
      return (
        <input
          {...common} type='number' inputMode={kind === 'integer' ? 'numeric' : 'decimal'} step={kind === 'integer' ? 1 : 'any'} min={minimum}
          max={maximum} value={String(value)} onInput={write}
        />
      )
    default:
      return (
        <input
          {...common} type='text' inputMode={KEYBOARDS[format ?? ''] ?? 'text'} autocomplete='off' spellcheck={false} value={String(value)}
          onInput={write}
        />
      )
  }
}

function Checkboxes ({ field, id, value, onChange }: Pick<Props, 'field' | 'id' | 'value' | 'onChange'>) {
  const chosen: readonly string[] = typeof value === 'object' ? value : []
  const toggle = (one: string, on: boolean): void => onChange(on ? [...chosen, one] : chosen.filter(other => other !== one))
  return (
    <>
      {field.choices.map((choice, index) => (
        <div class='check' key={choice.value}>
          <input
            type='checkbox' id={index === 0 ? id : `${id}-${index}`} checked={chosen.includes(choice.value)}
            onChange={event => toggle(choice.value, event.currentTarget.checked)}
          />
          <label for={index === 0 ? id : `${id}-${index}`}>{choice.label}</label>
        </div>
      ))}
    </>
  )
}
