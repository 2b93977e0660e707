/** What a message may not have too much of, beside bytes and depth (H-13). */
import { ErrorCode, isObject, isRequest, type JsonRpcMessage, type Refusal } from '@mcp/protocol'
import type { Limits } from './options.ts'

export type MessageLimits = Pick<Limits, 'uriCharacters' | 'cursorCharacters' | 'requestStateCharacters' | 'arguments'>

/** The refusal of what has an element that goes beyond a limit, or `null`. */
export function excessOf (body: JsonRpcMessage | readonly JsonRpcMessage[], limits: MessageLimits): Refusal | null {
  if (!isList(body)) return excessIn(body, limits)
  for (const message of body) {
    const refusal = excessIn(message, limits)
    // Of a batch it answers the whole, so it has nobody's id.
    if (refusal !== null) return { ...refusal, id: undefined }
  }
  return null
}

function excessIn (message: JsonRpcMessage, limits: MessageLimits): Refusal | null {
  if (!('method' in message) || message.params === undefined) return null
  const { uri, cursor, requestState, arguments: given } = message.params
  const id = isRequest(message) ? message.id : undefined
  if (longer(uri, limits.uriCharacters)) return refuse(id, `params.uri is longer than ${limits.uriCharacters} characters`)
  if (longer(cursor, limits.cursorCharacters)) return refuse(id, `params.cursor is longer than ${limits.cursorCharacters} characters`)
  if (longer(requestState, limits.requestStateCharacters)) {
    return refuse(id, `params.requestState is longer than ${limits.requestStateCharacters} characters`)
  }
  if (isObject(given) && Object.keys(given).length > limits.arguments) return refuse(id, `params.arguments holds more than ${limits.arguments} arguments`)
  return null
}

function longer (value: unknown, limit: number): boolean {
  return typeof value === 'string' && value.length > limit
}

function isList (body: JsonRpcMessage | readonly JsonRpcMessage[]): body is readonly JsonRpcMessage[] {
  return Array.isArray(body)
}

function refuse (id: Refusal['id'], message: string): Refusal {
  return { kind: 'refused', rung: 'excess', status: 400, id, code: ErrorCode.InvalidParams, message }
}
