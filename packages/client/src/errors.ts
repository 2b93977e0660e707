import { createError } from './coded-error.ts'

export const MCP_CLIENT_BAD_OPTION = createError('MCP_CLIENT_BAD_OPTION', '%s', 500)

export const MCP_CLIENT_NOT_STARTED = createError('MCP_CLIENT_NOT_STARTED', 'Call start() once, before anything is sent')

export const MCP_CLIENT_CLOSED = createError('MCP_CLIENT_CLOSED', 'The client is closed')

export const MCP_CLIENT_ABORTED = createError('MCP_CLIENT_ABORTED', 'Cancelled by its sender')

export const MCP_CLIENT_UNREACHABLE = createError('MCP_CLIENT_UNREACHABLE', 'Not sent, the server cannot be reached: %s', 502)

export const MCP_CLIENT_CONNECTION_LOST = createError('MCP_CLIENT_CONNECTION_LOST', 'The connection broke, the server may have seen the message: %s', 502)

export const MCP_CLIENT_HTTP_STATUS = createError('MCP_CLIENT_HTTP_STATUS', 'The server answered %s', 502)

export const MCP_CLIENT_THROTTLED = createError('MCP_CLIENT_THROTTLED', 'The server asks to wait: %s', 503)

export const MCP_CLIENT_REDIRECTED = createError('MCP_CLIENT_REDIRECTED', 'Only 307 and 308 within the origin are followed: %s', 502)

// Official clients know by this name that a foreign transport needs authorization.
export const MCP_CLIENT_UNAUTHORIZED = createError('MCP_CLIENT_UNAUTHORIZED', 'The server does not accept the credentials: %s', 502, 'UnauthorizedError')

export const MCP_CLIENT_UNEXPECTED_CONTENT = createError('MCP_CLIENT_UNEXPECTED_CONTENT', 'Neither JSON nor an event stream: %s', 502)

export const MCP_CLIENT_BAD_MESSAGE = createError('MCP_CLIENT_BAD_MESSAGE', 'Not a message this transport carries: %s', 502)

export const MCP_CLIENT_TOO_LARGE = createError('MCP_CLIENT_TOO_LARGE', 'The server sent more than the limit: %s', 502)

export const MCP_CLIENT_TIMEOUT = createError('MCP_CLIENT_TIMEOUT', 'The server was silent for too long: %s', 504)

export const MCP_CLIENT_STREAM_ENDED = createError('MCP_CLIENT_STREAM_ENDED', 'The stream ended before the response: %s', 502)

export const MCP_CLIENT_GAVE_UP = createError('MCP_CLIENT_GAVE_UP', 'Reconnecting did not succeed: %s', 502)

export const MCP_CLIENT_SESSION_LOST = createError('MCP_CLIENT_SESSION_LOST', 'The server does not know the session: %s', 502)

export const MCP_CLIENT_QUEUE_FULL = createError('MCP_CLIENT_QUEUE_FULL', 'Too much waits for the connection: %s', 503)

export const MCP_CLIENT_BAD_ENDPOINT = createError('MCP_CLIENT_BAD_ENDPOINT', 'The server named no endpoint that may be used: %s', 502)

export const MCP_CLIENT_NO_TRANSPORT = createError('MCP_CLIENT_NO_TRANSPORT', 'No transport worked: %s', 502)

export const MCP_CLIENT_RPC_ERROR = createError('MCP_CLIENT_RPC_ERROR', 'The server answered with an error: %s', 502)
