import { createError } from '@fastify/error'

export const MCP_ENDPOINT_BAD_OPTION = createError<[string]>('MCP_ENDPOINT_BAD_OPTION', 'mcpStreamable: %s', 500, TypeError)

export const MCP_ENDPOINT_ALREADY_REGISTERED = createError(
  'MCP_ENDPOINT_ALREADY_REGISTERED', 'mcpStreamable is already registered in this scope; register each endpoint in a scope of its own')

export const MCP_ENDPOINT_BODY_UNREADABLE = createError<[string]>('MCP_ENDPOINT_BODY_UNREADABLE', 'The body is not readable JSON: %s', 400)

export const MCP_ENDPOINT_NO_CLIENT_REQUESTS = createError<[string]>(
  'MCP_ENDPOINT_NO_CLIENT_REQUESTS',
  'Request "%s" cannot be sent to this client: requests to clients need a session and a client that takes event streams')

export const MCP_ENDPOINT_BAD_NOTIFICATION = createError<[string]>(
  'MCP_ENDPOINT_BAD_NOTIFICATION', '"%s" is no change notification; publish list_changed or resources/updated notifications')
