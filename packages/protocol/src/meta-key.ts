/** Keys of `_meta` that MCP defines. A module, so that bundlers keep only what is used. */

export const ProtocolVersion = 'io.modelcontextprotocol/protocolVersion'
export const ClientCapabilities = 'io.modelcontextprotocol/clientCapabilities'
export const ClientInfo = 'io.modelcontextprotocol/clientInfo'
export const LogLevel = 'io.modelcontextprotocol/logLevel'
export const ServerInfo = 'io.modelcontextprotocol/serverInfo'
/** The tasks extension, as a key of `capabilities.extensions`. */
export const TasksExtension = 'io.modelcontextprotocol/tasks'
export const SubscriptionId = 'io.modelcontextprotocol/subscriptionId'
