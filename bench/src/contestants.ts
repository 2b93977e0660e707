/** Who takes part. A contestant is a server, spoken to in one manner. */
import type { Manner } from './load/session.ts'
import type { Script } from './running-server.ts'

export interface Contestant {
  readonly name: string
  readonly script: Script
  readonly manner: Manner
  /** The credential it is shown. */
  readonly token?: string
  /** Reaches so few events per second that one burst is a sample. */
  readonly slow?: boolean
}

export const BARE_SESSION: Contestant = { name: 'bare Fastify, legacy request', script: { file: 'bare' }, manner: 'as-if-session' }
export const BARE_MODERN: Contestant = { name: 'bare Fastify, modern request', script: { file: 'bare' }, manner: 'modern' }

export const RAW_SESSION: Contestant = { name: '`raw`, session', script: { file: 'raw' }, manner: 'session' }
export const RAW_MODERN: Contestant = { name: '`raw`, modern', script: { file: 'raw' }, manner: 'modern' }
export const SDK_SESSION: Contestant = { name: '`sdk`, session', script: { file: 'sdk' }, manner: 'session', slow: true }
export const SDK_MODERN: Contestant = { name: '`sdk`, modern', script: { file: 'sdk' }, manner: 'modern', slow: true }

export const NODE_JSON: Contestant = {
  name: '`@modelcontextprotocol/node`, session, JSON', script: { file: 'peer-node', args: ['json'] }, manner: 'session'
}
export const NODE_SSE: Contestant = {
  name: '`@modelcontextprotocol/node`, session, event stream', script: { file: 'peer-node' }, manner: 'session', slow: true
}
export const HANDLER: Contestant = {
  name: '`createMcpHandler` + `toNodeHandler`, modern', script: { file: 'peer-handler' }, manner: 'modern', slow: true
}
export const V1: Contestant = { name: '`@modelcontextprotocol/sdk` 1.x, session', script: { file: 'peer-v1' }, manner: 'session', slow: true }
export const FASTIFY_MCP: Contestant = { name: '`fastify-mcp`, session', script: { file: 'peer-fastify-mcp' }, manner: 'session', slow: true }

export const CEILING: Contestant = { name: '(load generator, canned answers)', script: { file: 'ceiling' }, manner: 'as-if-session' }
