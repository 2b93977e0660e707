/** Every error of this package. `code` is stable; the message says what to do about it. */
export class SdkAdapterError extends Error {
  readonly code: SdkErrorCode

  constructor (code: SdkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SdkAdapterError'
    this.code = code
  }
}

export type SdkErrorCode =
  | 'MCP_SDK_BAD_OPTION'
  | 'MCP_SDK_NOT_A_SERVER'
  | 'MCP_SDK_WRONG_GENERATION'
  | 'MCP_SDK_SHARED_INSTANCE'
  | 'MCP_SDK_NOT_BOUND'
  | 'MCP_SDK_HANDSHAKE_REFUSED'
  | 'MCP_SDK_SESSION_OVER'
  | 'MCP_SDK_EXCHANGE_OVER'
  | 'MCP_SDK_NO_STREAM'
  | 'MCP_SDK_CLOSED'

/** An option has the wrong shape. */
export function badOption (name: string, expected: string, given: unknown): SdkAdapterError {
  const shown = typeof given === 'string' ? JSON.stringify(given) : String(given)
  return new SdkAdapterError('MCP_SDK_BAD_OPTION', `${name} must be ${expected}, got ${shown}`)
}

/** The factory returned something that cannot be connected to a transport. */
export function notAServer (given: unknown): SdkAdapterError {
  const shown = given === null ? 'null' : typeof given
  return new SdkAdapterError('MCP_SDK_NOT_A_SERVER', `The factory must return an McpServer or Server of the MCP SDK, got ${shown}`)
}

/** The factory returned a server of the other SDK generation. */
export function wrongGeneration (expected: 'v1' | 'v2'): SdkAdapterError {
  const message = expected === 'v2'
    ? "The factory returned a server of '@modelcontextprotocol/sdk' 1.x; use sdkV1Application of '@mcp/sdk-adapter/v1'"
    : "The factory returned a server of '@modelcontextprotocol/server' 2.x; use sdkApplication of '@mcp/sdk-adapter'"
  return new SdkAdapterError('MCP_SDK_WRONG_GENERATION', message)
}

/** The factory returned a server that already serves, or served, somebody else. */
export function sharedInstance (): SdkAdapterError {
  return new SdkAdapterError(
    'MCP_SDK_SHARED_INSTANCE',
    'The factory returned a server that is in use or was used before; create a new one on every call, since a server ' +
    'shared between clients hands one the messages of the other'
  )
}

/** The SDK did not connect the server it was given. */
export function notBound (): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_NOT_BOUND', 'The SDK did not bind the server to the modern era; is its version supported?')
}

/** A server rebuilt for a session answered the stored handshake with an error. */
export function handshakeRefused (reason: string): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_HANDSHAKE_REFUSED', `The server refused the handshake of the session it was built for: ${reason}`)
}

/** The session ended while a server was built for it. */
export function sessionOver (): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_SESSION_OVER', 'The session ended while a server was built for it')
}

/** A handler asks the client something after its own request was answered or cancelled. */
export function exchangeOver (method: string): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_EXCHANGE_OVER', `Cannot send ${method}: the request it belongs to was answered or cancelled`)
}

/** A server without a session asks the client something outside of a request. */
export function noStream (method: string): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_NO_STREAM', `Cannot send ${method}: without a session there is no stream to send it on`)
}

/** A message arrived after `close()`. */
export function applicationClosed (): SdkAdapterError {
  return new SdkAdapterError('MCP_SDK_CLOSED', 'The application is closed')
}
