import type { JsonObject } from '@mcp/protocol'
import { SchemaForm } from '../form/schema-form.tsx'
import type { Tool } from './tool.ts'

interface Props {
  readonly tools: readonly Tool[]
  readonly tool: Tool
  readonly busy: boolean
  readonly onChoose: (name: string) => void
  readonly onCall: (content: JsonObject) => void
}

/** A tool and a form for its arguments. */
export function ToolPanel ({ tools, tool, busy, onChoose, onCall }: Props) {
  const { name, description, inputSchema } = tool
  return (
    <section class='panel' aria-labelledby='tool-title'>
      <h2 id='tool-title'>Call a tool</h2>
      <div class='field'>
        <label for='tool'>Tool<span class='required'> {tools.length} offered</span></label>
        <select id='tool' value={name} onChange={event => onChoose(event.currentTarget.value)}>
          {tools.map(({ name, title }) => <option key={name} value={name}>{title === undefined ? name : `${title} (${name})`}</option>)}
        </select>
        {description !== undefined && <p class='note'>{description}</p>}
      </div>
      <SchemaForm key={name} schema={inputSchema} label={`Arguments of ${name}`} onSubmit={onCall}>
        <button type='submit' class='primary' disabled={busy}>Call {name}</button>
      </SchemaForm>
    </section>
  )
}
