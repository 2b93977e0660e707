/** One line about a JSON-RPC message, and the whole of it for those who look closer. Pure. */
import { isObject, messageKind, type JsonObject } from '@mcp/protocol'

/** Longer texts are cut: the page shows them, it does not keep them. */
const MAX_DETAIL = 20_000

/** What a JSON text says, as far as it is JSON-RPC. */
export function summary (text: string): string {
  const value = parsed(text)
  if (Array.isArray(value)) return `batch of ${value.length}`
  if (!isObject(value)) return text.slice(0, 80)
  switch (messageKind(value)) {
    case 'request':
      return `${String(value.method)} ${named(value.params)}`.trim() + ` (id ${String(value.id)})`
    case 'notification':
      return `${String(value.method)} ${progress(value.params)}`.trim()
    case 'response':
      return value.id === undefined ? answer(value) : `${answer(value)} (id ${String(value.id)})`
    default:
      return isObject(value.error) ? `error ${String(value.error.code)}` : 'JSON'
  }
}

/** JSON with line breaks; anything else as it is. */
export function pretty (text: string): string {
  const value = parsed(text)
  const shown = value === undefined ? text : JSON.stringify(value, null, 2)
  return shown.length > MAX_DETAIL ? `${shown.slice(0, MAX_DETAIL)}…` : shown
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function answer ({ error, result }: JsonObject): string {
  if (isObject(error)) return `error ${String(error.code)}`
  return isObject(result) && result.resultType === 'input_required' ? 'result asks for input' : 'result'
}

function named (params: unknown): string {
  const name = isObject(params) ? params.name ?? params.uri : undefined
  return typeof name === 'string' ? name : ''
}

function progress (params: unknown): string {
  if (!isObject(params) || typeof params.progress !== 'number') return ''
  return typeof params.total === 'number' ? `${params.progress} of ${params.total}` : String(params.progress)
}
