import { createError } from '@fastify/error'

export const MCP_SECURITY_BAD_OPTION = createError<[string]>('MCP_SECURITY_BAD_OPTION', 'mcpSecurity: %s', 500, TypeError)

export const MCP_SECURITY_ALREADY_REGISTERED = createError(
  'MCP_SECURITY_ALREADY_REGISTERED',
  'mcpSecurity is already registered in this scope or one around it; scopes with policies of their own stand side by side')
