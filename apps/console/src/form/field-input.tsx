import type { Field, FieldValue } from './field.ts'
import { FieldControl } from './field-control.tsx'

interface Props {
  readonly field: Field
  readonly id: string
  readonly value: FieldValue
  readonly fault: string | undefined
  readonly onChange: (value: FieldValue) => void
}

/** A field with its label, what it means, and what is wrong with it. */
export function FieldInput ({ field, id, value, fault, onChange }: Props) {
  const { label, description, required, kind } = field
  const noteId = `${id}-note`
  const faultId = `${id}-fault`
  const describedBy = [description === undefined ? [] : noteId, fault === undefined ? [] : faultId].flat().join(' ')
  const invalid = fault !== undefined
  const control = <FieldControl field={field} id={id} value={value} describedBy={describedBy} invalid={invalid} onChange={onChange} />
  const name = <>{label}{required && <span class='required'> required</span>}</>
  const notes = (
    <>
      {description !== undefined && <p class='note' id={noteId}>{description}</p>}
      {fault !== undefined && <p class='fault' id={faultId} role='alert'>{fault}</p>}
    </>
  )
  if (kind === 'choices') return <fieldset class='field'><legend>{name}</legend>{notes}{control}</fieldset>
  if (kind === 'boolean') return <div class='field field-check'>{control}<label for={id}>{name}</label>{notes}</div>
  return <div class='field'><label for={id}>{name}</label>{notes}{control}</div>
}
