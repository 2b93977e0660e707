import './augment.ts'

export * from './errors.ts'
export { LiveSession, STANDALONE, type Attachment, type RunningRequest } from './live-session.ts'
export { McpSessionsOptionsSchema, type McpSessionsOptions, type SessionLimits } from './options.ts'
export { OutboundRequests, type ResponseWaiter } from './outbound-requests.ts'
export { default, mcpSessions } from './plugin.ts'
export { newSessionId, shortSessionId } from './session-id.ts'
export { Sessions, type SessionEndpoint, type SessionLog } from './sessions.ts'
