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

/**
 * One log line when the first connection is lost or Redis begins to reject commands, one when all is well again; nothing in between,
 * however often they fail.
 */
export class Outage {
  readonly #log: StorageLog
  readonly #where: string
  readonly #quietMs: number
  readonly #lost = new Set<unknown>()
  /** Commands that Redis rejected (it is full, read-only, or permissions are missing). */
  readonly #rejected = new Set<string>()
  #rejectedAt = 0
  #since = 0
  #over = false

  /** @param quietMs how long Redis must reject nothing until an outage is over, so that a Redis at its limit does not fill the log. */
  constructor (log: StorageLog, where: string, quietMs = 0) {
    this.#log = log
    this.#where = where
    this.#quietMs = quietMs
  }

  /** @param connection whatever stands for it, the same when it is back. */
  lost (connection: unknown, reason: string): void {
    this.#begin(connection, reason, 'is out of reach')
  }

  /** Like {@link lost}: Redis can be reached and rejects what this connection is for. */
  refused (connection: unknown, reason: string): void {
    this.#begin(connection, reason, 'rejects commands')
  }

  back (connection: unknown): void {
    if (!this.#lost.delete(connection) || this.#lost.size > 0 || this.#over) return
    const lostForMs = Date.now() - this.#since
    this.#log.info({ storage: 'redis', lostForMs }, `Redis at ${this.#where} is back after ${lostForMs} ms`)
  }

  /** Redis rejected a command. */
  rejected (command: string, reason: string): void {
    this.#rejected.add(command)
    this.#rejectedAt = performance.now()
    this.refused(this.#rejected, reason)
  }

  /** Redis carried out a command. */
  accepted (command: string): void {
    if (this.#rejected.size === 0 || !this.#rejected.has(command) || performance.now() - this.#rejectedAt < this.#quietMs) return
    this.#rejected.clear()
    this.back(this.#rejected)
  }

  /** The storage is being closed; the log does not tell of its connections from now on. */
  end (): void {
    this.#over = true
  }

  #begin (what: unknown, reason: string, text: string): void {
    if (this.#over) return
    if (this.#lost.size === 0) {
      this.#since = Date.now()
      this.#log.error({ storage: 'redis', reason }, `Redis at ${this.#where} ${text}: ${reason}. Requests that need it are rejected until it is back`)
    }
    this.#lost.add(what)
  }
}
