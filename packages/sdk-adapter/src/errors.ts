/** Every error of this package. `code` is stable; the message says what to do about it. */
export class SdkAdapterError extends Error {
  readonly code: string

  constructor (code: string, message: string) {
    super(message)
    this.name = 'SdkAdapterError'
    this.code = code
  }
}

type Make<P extends string[]> = (...parts: P) => SdkAdapterError

/** Makes the maker of an error; each `%s` of the message takes one part. */
function createError<P extends string[] = []> (code: string, message: string): Make<P> {
  return (...parts) => {
    let next = 0
    return new SdkAdapterError(code, message.replaceAll('%s', () => parts[next++] ?? ''))
  }
}

/** An option has the wrong shape. */
export const badOption: Make<[name: string, expected: string, given: string]> =
  createError('MCP_SDK_BAD_OPTION', '%s must be %s, got %s')

/** The factory returned something that cannot be connected to a transport. */
export const notAServer: Make<[given: string]> =
  createError('MCP_SDK_NOT_A_SERVER', 'The factory must return an McpServer or Server of the MCP SDK, got %s')

/** The factory returned a server of the other SDK generation. */
export const wrongGeneration: Make<[given: string, instead: string]> =
  createError('MCP_SDK_WRONG_GENERATION', 'The factory returned a server of %s; use %s')

/** The factory returned a server that serves, or served, somebody else. */
export const sharedInstance: Make<[]> = createError(
  'MCP_SDK_SHARED_INSTANCE',
  'The factory returned a server that is in use or was used before; create a new one on every call, since a server shared ' +
  'between clients hands one the messages of the other'
)

/** The SDK did not connect the server it was given. */
export const notBound: Make<[]> =
  createError('MCP_SDK_NOT_BOUND', 'The SDK did not bind the server to the modern era; is its version supported?')

/** A server rebuilt for a session answered the stored handshake with an error. */
export const handshakeRefused: Make<[reason: string]> =
  createError('MCP_SDK_HANDSHAKE_REFUSED', 'The server refused the handshake of the session it was built for: %s')

/** The session ended while a server was built for it. */
export const sessionOver: Make<[]> =
  createError('MCP_SDK_SESSION_OVER', 'The session ended while a server was built for it')

/** A handler asks the client something after its own request was answered or cancelled. */
export const exchangeOver: Make<[method: string]> =
  createError('MCP_SDK_EXCHANGE_OVER', 'Cannot send %s: the request it belongs to was answered or cancelled')

/** A server without a session asks the client something outside of a request. */
export const noStream: Make<[method: string]> =
  createError('MCP_SDK_NO_STREAM', 'Cannot send %s: without a session there is no stream to send it on')

/** A handler threw something the client must not read; given to `onError`. */
export const handlerFailed: Make<[method: string, reason: string]> = createError('MCP_SDK_HANDLER_FAILED', 'The handler of %s failed: %s')

/** The server cannot read a message; given to `onError`. */
export const messageRejected: Make<[method: string, reason: string]> =
  createError('MCP_SDK_MESSAGE_REJECTED', 'The server cannot read a %s message: %s')

/** A message arrived after `close()`. */
export const applicationClosed: Make<[]> = createError('MCP_SDK_CLOSED', 'The application is closed')
