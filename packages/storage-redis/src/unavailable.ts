import { MCP_STORAGE_UNAVAILABLE } from '@mcp/storage'

/** Replies of a Redis that runs and cannot serve at the moment, or not this client. */
const TEMPORARY = new Set([
  'ASK', 'BUSY', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'MISCONF', 'MOVED', 'NOAUTH', 'NOPERM', 'NOREPLICAS', 'OOM', 'READONLY',
  'TRYAGAIN', 'WRONGPASS'
])

/** The error a caller sees: `MCP_STORAGE_UNAVAILABLE` unless Redis answered that the command itself is wrong. */
export function asUnavailable (error: unknown): Error {
  if (!(error instanceof Error)) return new MCP_STORAGE_UNAVAILABLE(String(error))
  // The client attaches the command with its arguments: messages and principals that must not reach a log.
  Reflect.deleteProperty(error, 'command')
  if (error instanceof MCP_STORAGE_UNAVAILABLE) return error
  if (error.name === 'ReplyError' && !TEMPORARY.has(error.message.split(' ', 1)[0] ?? '')) return error
  return new MCP_STORAGE_UNAVAILABLE(error.name === 'MaxRetriesPerRequestError' ? 'the connection broke before Redis answered' : error.message)
}

/** Whether the connection broke under the command, which Redis may or may not have seen. */
export function isBroken (error: unknown): boolean {
  return error instanceof Error && error.name !== 'ReplyError' && !error.message.startsWith('Command timed out')
}
