import { createError } from '@fastify/error'

export const MCP_SSE_BAD_FIELD = createError<[string]>(
  'MCP_SSE_BAD_FIELD', 'The %s of an event must not contain CR, LF or NUL', 500, TypeError)

export const MCP_SSE_BAD_OPTION = createError<[string]>('MCP_SSE_BAD_OPTION', 'mcpSse: %s', 500, TypeError)

export const MCP_SSE_ALREADY_REGISTERED = createError('MCP_SSE_ALREADY_REGISTERED', 'mcpSse is already registered in this scope; register it once')

export const MCP_SSE_REPLY_SENT = createError('MCP_SSE_REPLY_SENT', 'The reply was already sent, so no stream can be opened on it')
