/** Names of the header fields MCP defines, lower case, as HTTP libraries index them. A module, so that bundlers keep only what is used. */

export const SessionId = 'mcp-session-id'
export const ProtocolVersion = 'mcp-protocol-version'
export const Method = 'mcp-method'
export const Name = 'mcp-name'
export const LastEventId = 'last-event-id'
/** Prefix of the headers that mirror annotated tool arguments. */
export const ParamPrefix = 'mcp-param-'
