import { createError } from '@fastify/error'

export const MCP_TELEMETRY_BAD_OPTION = createError<[string]>('MCP_TELEMETRY_BAD_OPTION', 'mcpTelemetry: %s', 500, TypeError)

export const MCP_TELEMETRY_ALREADY_REGISTERED = createError(
  'MCP_TELEMETRY_ALREADY_REGISTERED', 'mcpTelemetry is already registered in this scope; register it once')

export const MCP_TELEMETRY_REGISTRY_TAKEN = createError(
  'MCP_TELEMETRY_REGISTRY_TAKEN',
  'The registry holds metrics of these names already: give each registration a registry of its own, or register once around all endpoints')

export const MCP_TELEMETRY_NO_OPENTELEMETRY = createError(
  'MCP_TELEMETRY_NO_OPENTELEMETRY', 'Spans need the package @opentelemetry/api, which is not installed')
