import type { Storage } from './contract.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where sessions and stream events of this scope live. Set by `mcpStorage`. */
    mcpStorage: Storage
  }
}
