import { createError } from '@fastify/error'

export const MCP_LEGACY_SSE_BAD_OPTION = createError<[string]>('MCP_LEGACY_SSE_BAD_OPTION', 'mcpLegacySse: %s', 500, TypeError)

export const MCP_LEGACY_SSE_ALREADY_REGISTERED = createError(
  'MCP_LEGACY_SSE_ALREADY_REGISTERED', 'mcpLegacySse is already registered in this scope; register it once')

export const MCP_LEGACY_SSE_NO_ENDPOINT = createError(
  'MCP_LEGACY_SSE_NO_ENDPOINT', 'mcpLegacySse stands beside an endpoint; register mcpStreamable in this scope before it')

export const MCP_LEGACY_SSE_MODERN_ONLY = createError<[string]>(
  'MCP_LEGACY_SSE_MODERN_ONLY', 'mcpLegacySse needs a revision before 2026-07-28; the endpoint serves %s')
