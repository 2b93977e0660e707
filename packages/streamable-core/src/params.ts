/** What params have to be before anybody decides by them: names are names, and nothing is too long (H-13). */
import { ErrorCode, isObject, isRequest, type JsonObject, type JsonRpcMessage, type Refusal } from '@mcp/protocol'
import type { Limits } from './options.ts'

export type ParamLimits = Pick<Limits, 'uriCharacters' | 'cursorCharacters' | 'requestStateCharacters' | 'arguments'>

/** The refusal of a message, or of a batch with one, whose params are not what they have to be; `null` when all are. */
export function paramsRefusal (body: JsonRpcMessage | readonly JsonRpcMessage[], limits: ParamLimits): Refusal | null {
  if (!isList(body)) return judged(body, limits)
  for (const message of body) {
    const refusal = judged(message, limits)
    // Of a batch it answers the whole, so it has nobody's id.
    if (refusal !== null) return { ...refusal, id: undefined }
  }
  return null
}

function judged (message: JsonRpcMessage, limits: ParamLimits): Refusal | null {
  if (!('method' in message) || message.params === undefined) return null
  const fault = nameFault(message.method, message.params) ?? sizeFault(message.params, limits)
  if (fault === null) return null
  const id = isRequest(message) ? message.id : undefined
  return { kind: 'refused', rung: 'params', status: 400, id, code: ErrorCode.InvalidParams, message: `params.${fault}` }
}

/** Rules go by names. A list with one name in it is none to them, and might be one to an application that looks it up. */
function nameFault (method: string, params: JsonObject): string | null {
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      return isText(params.name) ? null : 'name must be a string'
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return isText(params.uri) ? null : 'uri must be a string'
    case 'completion/complete':
      return !isObject(params.ref) || (isText(params.ref.name) && isText(params.ref.uri)) ? null : 'ref must name its prompt or resource by a string'
    default:
      return null
  }
}

/** Whether it is there at all is for the application to say. */
function isText (value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function sizeFault ({ uri, cursor, requestState, arguments: given }: JsonObject, limits: ParamLimits): string | null {
  if (isLonger(uri, limits.uriCharacters)) return `uri is longer than ${limits.uriCharacters} characters`
  if (isLonger(cursor, limits.cursorCharacters)) return `cursor is longer than ${limits.cursorCharacters} characters`
  if (isLonger(requestState, limits.requestStateCharacters)) return `requestState is longer than ${limits.requestStateCharacters} characters`
  return isObject(given) && Object.keys(given).length > limits.arguments ? `arguments holds more than ${limits.arguments} values` : null
}

function isLonger (value: unknown, limit: number): boolean {
  return typeof value === 'string' && value.length > limit
}

function isList (body: JsonRpcMessage | readonly JsonRpcMessage[]): body is readonly JsonRpcMessage[] {
  return Array.isArray(body)
}
