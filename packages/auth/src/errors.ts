import { createError } from '@fastify/error'

export const MCP_AUTH_ALREADY_REGISTERED = createError(
  'MCP_AUTH_ALREADY_REGISTERED', 'mcpAuth is already registered in this scope; register it once')

export const MCP_AUTH_BAD_OPTION = createError<[string]>('MCP_AUTH_BAD_OPTION', 'mcpAuth: %s', 500, TypeError)

export const MCP_AUTH_BAD_KEY_FILE = createError<[string]>('MCP_AUTH_BAD_KEY_FILE', 'The file of API keys cannot be used: %s')

export const MCP_AUTH_BAD_PRINCIPAL = createError<[string]>(
  'MCP_AUTH_BAD_PRINCIPAL', 'A function given to mcpAuth answered what it must not: %s', 500, TypeError)

/** Whoever could vouch for the credential does not answer. Functions given to `mcpAuth` may throw it too: the client gets 503. */
export const MCP_AUTH_UNAVAILABLE = createError<[string]>('MCP_AUTH_UNAVAILABLE', 'The credential cannot be verified right now: %s', 503)

// What becomes of a request of ours that brought no answer; each is 503 to a client (G-19).

export const MCP_AUTH_OUTGOING_FAILED = createError<[string, string]>(
  'MCP_AUTH_OUTGOING_FAILED', 'No answer from %s: %s', 503)

export const MCP_AUTH_OUTGOING_REFUSED = createError<[string, string]>(
  'MCP_AUTH_OUTGOING_REFUSED', 'Nothing is requested from %s: %s', 503)

export const MCP_AUTH_OUTGOING_TIMEOUT = createError<[string, number]>(
  'MCP_AUTH_OUTGOING_TIMEOUT', 'No complete answer from %s within %d ms', 503)

export const MCP_AUTH_OUTGOING_TOO_LARGE = createError<[string, number]>(
  'MCP_AUTH_OUTGOING_TOO_LARGE', 'The answer of %s is larger than %d bytes', 503)

/** A function given to `mcpAuth` threw. What it threw is the `cause`: its status and its message are not for clients. */
export const MCP_AUTH_FUNCTION_FAILED = createError('MCP_AUTH_FUNCTION_FAILED', 'A function given to mcpAuth threw; see its cause', 500)

/** Errors of ours stay as they are. */
export function callbackFailed (error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && code.startsWith('MCP_AUTH_') ? error : new MCP_AUTH_FUNCTION_FAILED({ cause: error })
}

/** Whether an error says that nobody can tell right now (503), rather than that something is broken (500). */
export function isUnavailable (error: unknown): error is Error {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && (code === 'MCP_AUTH_UNAVAILABLE' || code.startsWith('MCP_AUTH_OUTGOING_'))
}
