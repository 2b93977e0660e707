import { createError } from '@fastify/error'

export const MCP_SESSION_BAD_OPTION = createError<[string]>('MCP_SESSION_BAD_OPTION', 'mcpSessions: %s', 500, TypeError)

export const MCP_SESSION_ALREADY_REGISTERED = createError(
  'MCP_SESSION_ALREADY_REGISTERED', 'mcpSessions is already registered in this scope; register it once')
