import { Type } from '@sinclair/typebox'
import { checkOptions, hasMethods, Opaque } from './check-options.ts'
import { MCP_STORAGE_BAD_OPTION } from './errors.ts'
import { memoryStorage } from './memory-storage.ts'
import type { Static } from '@sinclair/typebox'
import type { Storage } from './contract.ts'

export const McpStorageOptionsSchema = Type.Object({
  storage: Type.Optional(Opaque<Storage>('a storage (name, sessions, events, bus, nodes, close)', isStorage))
}, { additionalProperties: false })

/** Options of the plugin `mcpStorage`. */
export interface McpStorageOptions {
  /** Where sessions and stream events live; closed with the Fastify instance. In memory when absent. */
  readonly storage?: Storage
}

export function storageFrom (options: unknown): Storage {
  const checked: Static<typeof McpStorageOptionsSchema> =
    checkOptions(McpStorageOptionsSchema, options, sentence => new MCP_STORAGE_BAD_OPTION('mcpStorage', sentence))
  return checked.storage ?? memoryStorage()
}

function isStorage (value: unknown): boolean {
  return hasMethods(value, 'close') && typeof Reflect.get(Object(value), 'name') === 'string' &&
    hasMethods(Reflect.get(Object(value), 'sessions'), 'create', 'read', 'touch', 'patchState', 'delete', 'count') &&
    hasMethods(Reflect.get(Object(value), 'events'), 'open', 'append', 'read', 'deleteSession') &&
    hasMethods(Reflect.get(Object(value), 'bus'), 'publish', 'subscribe') &&
    hasMethods(Reflect.get(Object(value), 'nodes'), 'beat', 'leave', 'alive')
}
