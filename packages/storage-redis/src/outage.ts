/** What the storage tells about its connection. A Fastify or pino logger fits. */
export interface StorageLog {
  info (details: object, text: string): void
  error (details: object, text: string): void
}

/** For those who brought no log. */
export const warningLog: StorageLog = {
  info: (_details, text) => process.emitWarning(text, { type: 'McpStorageWarning' }),
  error: (_details, text) => process.emitWarning(text, { type: 'McpStorageWarning' })
}

/** One log line when the first connection is lost, one when the last is back; nothing in between, however often they fail. */
export class Outage {
  readonly #log: StorageLog
  readonly #where: string
  readonly #lost = new Set<unknown>()
  #since = 0
  #over = false

  constructor (log: StorageLog, where: string) {
    this.#log = log
    this.#where = where
  }

  /** @param connection whatever stands for it, the same when it is back. */
  lost (connection: unknown, reason: string): void {
    if (this.#over) return
    if (this.#lost.size === 0) {
      this.#since = Date.now()
      this.#log.error({ storage: 'redis', reason }, `Redis at ${this.#where} is out of reach: ${reason}. Requests that need it are refused until it is back`)
    }
    this.#lost.add(connection)
  }

  back (connection: unknown): void {
    if (!this.#lost.delete(connection) || this.#lost.size > 0 || this.#over) return
    const lostForMs = Date.now() - this.#since
    this.#log.info({ storage: 'redis', lostForMs }, `Redis at ${this.#where} is back after ${lostForMs} ms`)
  }

  /** The storage is being closed; what happens to its connections now is nobody's trouble. */
  end (): void {
    this.#over = true
  }
}
