import { encodeFieldValue, isRequest, metaOf, mirroredName, type JsonRpcMessage } from '@mcp/protocol'
import * as Header from '@mcp/protocol/header'
import * as MetaKey from '@mcp/protocol/meta-key'
import type { Session } from '../session.ts'
import type { ParamMirror } from './param-mirror.ts'

/** The modern revision a message claims, if it does. */
export function claimOf (message: JsonRpcMessage): string | undefined {
  const claim = 'method' in message ? metaOf(message)?.[MetaKey.ProtocolVersion] : undefined
  return typeof claim === 'string' ? claim : undefined
}

/** Whether a message belongs to the modern era: it says so, or it is none that can and the client was told so. */
export function isModern (message: JsonRpcMessage, session: Session): boolean {
  return claimOf(message) !== undefined || (!isRequest(message) && session.modern)
}

/** Headers of a POST in the modern era (E-13): they mirror the body, and never name a session. */
export function modernHeaders (message: JsonRpcMessage, revision: string | undefined, mirror: ParamMirror): Record<string, string> {
  const headers: Record<string, string> = {}
  const version = claimOf(message) ?? revision
  if (version !== undefined) headers[Header.ProtocolVersion] = version
  if (!('method' in message)) return headers
  headers[Header.Method] = message.method
  const member = mirroredName(message.method)
  const name = member === undefined ? undefined : message.params?.[member]
  if (typeof name === 'string') headers[Header.Name] = encodeFieldValue(name)
  return isRequest(message) ? { ...headers, ...mirror.headers(message) } : headers
}
