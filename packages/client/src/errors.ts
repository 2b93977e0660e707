import { createError } from './coded-error.ts'

export const MCP_CLIENT_BAD_OPTION = createError('MCP_CLIENT_BAD_OPTION', '%s', 500)

export const MCP_CLIENT_NOT_STARTED = createError('MCP_CLIENT_NOT_STARTED', 'The client was not started, or started twice: call start() once, before anything is sent')

export const MCP_CLIENT_CLOSED = createError('MCP_CLIENT_CLOSED', 'The client is closed')

export const MCP_CLIENT_ABORTED = createError('MCP_CLIENT_ABORTED', 'The request was cancelled by its sender', 500)

export const MCP_CLIENT_UNREACHABLE = createError('MCP_CLIENT_UNREACHABLE', 'The server cannot be reached, nothing was sent: %s', 502)

export const MCP_CLIENT_CONNECTION_LOST = createError(
  'MCP_CLIENT_CONNECTION_LOST', 'The connection broke, the server may or may not have seen the message: %s', 502)

export const MCP_CLIENT_HTTP_STATUS = createError('MCP_CLIENT_HTTP_STATUS', 'The server answered %s', 502)

export const MCP_CLIENT_THROTTLED = createError('MCP_CLIENT_THROTTLED', 'The server asks to wait: %s', 503)

export const MCP_CLIENT_REDIRECTED = createError(
  'MCP_CLIENT_REDIRECTED', 'The server redirects in a way that is not followed (only 307 and 308 within its origin are): %s', 502)

// Official clients know by this name that a foreign transport needs authorization.
export const MCP_CLIENT_UNAUTHORIZED = createError(
  'MCP_CLIENT_UNAUTHORIZED', 'The server does not accept the credentials: %s', 502, 'UnauthorizedError')

export const MCP_CLIENT_UNEXPECTED_CONTENT = createError(
  'MCP_CLIENT_UNEXPECTED_CONTENT', 'The server answered with something that is neither JSON nor an event stream: %s', 502)

export const MCP_CLIENT_BAD_MESSAGE = createError('MCP_CLIENT_BAD_MESSAGE', 'Not a JSON-RPC message this transport carries: %s', 502)

export const MCP_CLIENT_TOO_LARGE = createError('MCP_CLIENT_TOO_LARGE', 'The server sent more than the limit allows: %s', 502)

export const MCP_CLIENT_TIMEOUT = createError('MCP_CLIENT_TIMEOUT', 'The server was silent for too long: %s', 504)

export const MCP_CLIENT_STREAM_ENDED = createError(
  'MCP_CLIENT_STREAM_ENDED', 'The stream ended before the response and cannot be resumed: %s', 502)

export const MCP_CLIENT_GAVE_UP = createError('MCP_CLIENT_GAVE_UP', 'Reconnecting did not succeed within its budget: %s', 502)

export const MCP_CLIENT_SESSION_LOST = createError('MCP_CLIENT_SESSION_LOST', 'The server no longer knows the session: %s', 502)

export const MCP_CLIENT_QUEUE_FULL = createError('MCP_CLIENT_QUEUE_FULL', 'Too much is waiting for the connection to come back: %s', 503)

export const MCP_CLIENT_BAD_ENDPOINT = createError(
  'MCP_CLIENT_BAD_ENDPOINT', 'The HTTP+SSE server named no endpoint that may be used: %s', 502)

export const MCP_CLIENT_NO_TRANSPORT = createError('MCP_CLIENT_NO_TRANSPORT', 'No transport worked: %s', 502)

export const MCP_CLIENT_RPC_ERROR = createError('MCP_CLIENT_RPC_ERROR', 'The server answered with an error: %s', 502)
