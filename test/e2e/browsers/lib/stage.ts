/** Where scenarios play: a page, the reference server as a process on another origin, and a wire between them that can be cut. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Kind, ScenarioName } from '../page/names.ts'
import { startPageServer, type PageServer, type Tellers } from './page-server.ts'
import { Server } from './server.ts'
import { Wire } from './wire.ts'

/** Dozens of times what any of them takes on a quiet machine. */
const SCENARIO_MS = 80_000

export type Facts = Readonly<Record<string, unknown>>

export interface Play {
  /** The page's address; default the one the server allows. */
  readonly at?: string
  /** What the page may tell the test while it runs. */
  readonly tellers?: (wire: Wire) => Tellers
}

export interface Outcome {
  readonly facts: Facts
  readonly wire: Wire
  /** What the page's console complains of. */
  readonly errors: readonly string[]
}

/** A page that is open. */
export interface Visit {
  /** The value of an expression, or of the promise it is. @throws With what it threw. */
  run (expression: string): Promise<unknown>
  /** What the page's console complains of so far. */
  readonly errors: readonly string[]
  leave (): Promise<void>
}

/** What scenarios need of a browser. */
export interface Visitor {
  readonly version: string
  visit (url: string): Promise<Visit>
}

export class Stage {
  /** The one that scenarios talk to at the moment. */
  server: Server
  readonly pages: PageServer
  readonly visitor: Visitor

  readonly #heir: Promise<Server>

  private constructor (server: Server, heir: Promise<Server>, pages: PageServer, visitor: Visitor) {
    this.server = server
    this.#heir = heir
    this.pages = pages
    this.visitor = visitor
  }

  static async set (t: Test, visitor: Visitor): Promise<Stage> {
    const pages = await startPageServer(t)
    const settings = { MCP_STORAGE: 'memory:', MCP_LEGACY_SSE: 'on', MCP_ALLOWED_ORIGINS: pages.origin }
    const server = await Server.start(t, settings)
    const heir = Server.start(t, settings)
    heir.catch(() => {}) // Whoever wants it hears of it.
    return new Stage(server, heir, pages, visitor)
  }

  /** The server dies; where it was there is one that remembers nothing. Once: the other one was started in good time. */
  async replaceServer (): Promise<void> {
    const heir = await this.#heir
    await this.server.kill()
    this.server = heir
  }

  /** One scenario: a page and a wire of its own, so that nothing is remembered of another one, be it a preflight. */
  async play (t: Test, scenario: ScenarioName, kind: Kind, { at = this.pages.origin, tellers }: Play = {}): Promise<Outcome> {
    const wire = await Wire.start(t, () => this.server.port)
    const visit = await this.visitor.visit(at)
    const { errors } = visit
    this.pages.tellers = tellers?.(wire) ?? {}
    this.pages.endpoint = this.server.url
    const done = new AbortController()
    try {
      const run = visit.run(`scenarios.${scenario}(${JSON.stringify({ kind, server: `http://127.0.0.1:${wire.port}` })})`)
      const facts = await Promise.race([run, sleep(SCENARIO_MS, null, { signal: done.signal })])
      if (facts === null) throw new Error(`"${scenario}" did not end in ${SCENARIO_MS} ms; ${wire.story}; the console: ${errors.join('; ')}`)
      return { facts: facts as Facts, wire, errors }
    } finally {
      done.abort()
      await visit.leave()
    }
  }
}
