/** Options that configure what another plugin has already set up, and so would do nothing. */
import { keepAliveOf } from '@mcp/sse'
import type { FastifyInstance } from 'fastify'
import { MCP_ENDPOINT_BAD_OPTION } from './errors.ts'
import type { Limits, McpStreamableOptions } from './options.ts'

type LimitName = keyof Limits

/** Limits that this plugin hands to others, and their names there. */
const STORAGE: ReadonlyArray<readonly [LimitName, string]> = [
  ['eventsPerSession', 'events.maxEvents'], ['eventBytesPerSession', 'events.maxBytes'], ['eventAgeMs', 'events.maxAgeMs'],
  ['storedBytes', 'budget.bytes'], ['storedBytesPerCaller', 'budget.bytesPerOwner']
]
const SSE: ReadonlyArray<readonly [LimitName, string]> = [
  ['stallMs', 'stallMs'], ['unsentBytes', 'maxUnsentBytes'], ['totalUnsentBytes', 'maxTotalUnsentBytes']
]
const SESSIONS: ReadonlyArray<readonly [LimitName, string]> = [
  ['sessionIdleMs', 'idleMs'], ['sessionLifetimeMs', 'lifetimeMs'], ['sessions', 'maxSessions'], ['sessionsPerPrincipal', 'maxSessionsPerPrincipal'],
  ['sessionsPerAddress', 'maxSessionsPerAddress'], ['sessionStateBytes', 'maxStateBytes']
]

/** @throws `MCP_ENDPOINT_BAD_OPTION` for the first option that somebody gave and that would have no effect. */
export function rejectUnused (fastify: FastifyInstance, { limits = {}, keepAliveMs }: McpStreamableOptions): void {
  const reject = (names: ReadonlyArray<readonly [LimitName, string]>, plugin: string, owner: string): void => {
    for (const [name, there] of names) if (limits[name] !== undefined) throw unused(`limits.${name}`, limits[name], plugin, `${there} of ${owner}`)
  }
  if (fastify.hasDecorator('mcpStorage')) reject(STORAGE, 'mcpStorage', 'the storage')
  if (fastify.hasReplyDecorator('mcpStream')) reject(SSE, 'mcpSse', 'mcpSse')
  if (fastify.hasDecorator('mcpSessions')) reject(SESSIONS, 'mcpSessions', 'mcpSessions')
  const there = keepAliveOf(fastify)
  if (keepAliveMs !== undefined && there !== undefined && keepAliveMs !== there) throw unused('keepAliveMs', keepAliveMs, 'mcpSse', 'keepAliveMs of mcpSse')
}

function unused (option: string, value: number, plugin: string, instead: string): Error {
  return new MCP_ENDPOINT_BAD_OPTION(
    `option "${option}" (${value}) has no effect, because ${plugin} is already registered in this scope; set ${instead} instead`)
}
