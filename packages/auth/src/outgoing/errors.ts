/** What becomes of a request that did not bring an answer. Each is 503 to a client: its credential could not be judged (G-19). */
import { createError } from '@fastify/error'

export const MCP_AUTH_OUTGOING_FAILED = createError<[string, string]>(
  'MCP_AUTH_OUTGOING_FAILED', 'No answer from %s: %s', 503)

export const MCP_AUTH_OUTGOING_REFUSED = createError<[string, string]>(
  'MCP_AUTH_OUTGOING_REFUSED', 'Nothing is requested from %s: %s', 503)

export const MCP_AUTH_OUTGOING_TIMEOUT = createError<[string, number]>(
  'MCP_AUTH_OUTGOING_TIMEOUT', 'No complete answer from %s within %d ms', 503)

export const MCP_AUTH_OUTGOING_TOO_LARGE = createError<[string, number]>(
  'MCP_AUTH_OUTGOING_TOO_LARGE', 'The answer of %s is larger than %d bytes', 503)
