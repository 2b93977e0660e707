import { createError } from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

/** An option has the wrong shape; the message names it, what it must be and what was given. */
export const MCP_STORAGE_BAD_OPTION: FastifyErrorConstructor<{ code: 'MCP_STORAGE_BAD_OPTION', statusCode: 500 }, [where: string, sentence: string]> =
  createError('MCP_STORAGE_BAD_OPTION', '%s: %s', 500)

/** The plugin was registered twice in one scope. */
export const MCP_STORAGE_ALREADY_REGISTERED: FastifyErrorConstructor<{ code: 'MCP_STORAGE_ALREADY_REGISTERED', statusCode: 500 }, []> =
  createError(
    'MCP_STORAGE_ALREADY_REGISTERED',
    'mcpStorage is already registered in this scope; register it once, before the plugins that use it, or in scopes of their own',
    500
  )

/** What a session keeps does not fit into the storage's budget in bytes. */
export const MCP_STORAGE_FULL: FastifyErrorConstructor<{ code: 'MCP_STORAGE_FULL', statusCode: 503 }, [budget: string]> =
  createError('MCP_STORAGE_FULL', 'The MCP storage has no room for more session state: %s is used up. End sessions, or raise the option', 503)

/** A remote storage cannot be reached at the moment. */
export const MCP_STORAGE_UNAVAILABLE: FastifyErrorConstructor<{ code: 'MCP_STORAGE_UNAVAILABLE', statusCode: 503 }, [reason: string]> =
  createError('MCP_STORAGE_UNAVAILABLE', 'The MCP storage is unavailable: %s', 503)

/** What a log says of an error: an outage, which the storage logs itself and which meets every request, without a stack. */
export function failureDetails (error: unknown): { err: unknown } | { reason: string } {
  const isOutage = error instanceof Error && Reflect.get(error, 'code') === 'MCP_STORAGE_UNAVAILABLE'
  return isOutage ? { reason: error.message } : { err: error }
}
