import type { Exchange } from '@mcp/protocol'
import { LegacyInstances } from './legacy-instances.ts'
import { Sessionless } from './sessionless.ts'
import type { LegacySettings } from './options.ts'
import type { Generation } from './sdk-server.ts'

/** The legacy era, with and without sessions. */
export class Legacy {
  readonly #instances: LegacyInstances
  readonly #sessionless: Sessionless

  constructor (generation: Generation, settings: LegacySettings) {
    this.#instances = new LegacyInstances(generation, settings)
    this.#sessionless = new Sessionless(generation, settings.onError)
  }

  accept (exchange: Exchange): void | Promise<void> {
    const { session } = exchange
    return session === null ? this.#sessionless.accept(exchange) : this.#instances.accept(exchange, session)
  }

  async close (): Promise<void> {
    await Promise.all([this.#instances.close(), this.#sessionless.close()])
  }
}

/** From this revision on a server may close a connection and have the client poll. */
const POLLING_SINCE = '2025-11-25'

export interface StreamClosers {
  closeSSEStream?: () => void
  closeStandaloneSSEStream?: () => void
}

/** What a handler may call to free a connection; nothing where the client would not come back. */
export function streamClosers (exchange: Exchange): StreamClosers {
  const { session } = exchange
  if (session === null || exchange.revision < POLLING_SINCE || !('id' in exchange.message)) return {}
  return {
    closeSSEStream: () => exchange.detach(),
    closeStandaloneSSEStream: () => session.detachStandalone()
  }
}
