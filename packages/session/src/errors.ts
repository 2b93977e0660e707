import { createError } from '@fastify/error'

export const MCP_SESSION_BAD_OPTION = createError<[string]>('MCP_SESSION_BAD_OPTION', 'mcpSessions: %s', 500, TypeError)

export const MCP_SESSION_ALREADY_REGISTERED = createError(
  'MCP_SESSION_ALREADY_REGISTERED', 'mcpSessions is already registered in this scope; register it once')

/** A session's state would exceed `maxStateBytes`; it stays as it was. */
export const MCP_SESSION_STATE_TOO_LARGE = createError<[size: number, max: number]>(
  'MCP_SESSION_STATE_TOO_LARGE', 'The state of the session would take %d bytes; option "maxStateBytes" allows %d. Store less of it', 413)
