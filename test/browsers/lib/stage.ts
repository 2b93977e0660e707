/** Where scenarios play: a page, the reference server as a process on another origin, and a wire between them that can be cut. */
import type { Test } from 'tap'
import { startNode, type ReferenceNode } from '../../chaos/lib/reference-node.ts'
import type { Kind, ScenarioName } from '../page/names.ts'
import { startBrowser, type Browser, type BrowserName } from './browser.ts'
import { startPageServer, type PageServer, type Tellers } from './page-server.ts'
import { Wire } from './wire.ts'

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
  readonly errors: string[]
}

export class Stage {
  readonly node: ReferenceNode
  readonly server: PageServer
  readonly browser: Browser

  private constructor (node: ReferenceNode, server: PageServer, browser: Browser) {
    this.node = node
    this.server = server
    this.browser = browser
  }

  static async set (t: Test, name: BrowserName): Promise<Stage> {
    const server = await startPageServer(t)
    const settings = { MCP_STORAGE: 'memory:', MCP_LEGACY_SSE: 'on', MCP_ALLOWED_ORIGINS: server.origin }
    const node = await startNode(settings)
    t.teardown(() => node.process.end('SIGTERM'))
    return new Stage(node, server, await startBrowser(t, name))
  }

  /** One scenario: a page and a wire of its own, so that nothing is remembered of another one, be it a preflight. */
  async play (t: Test, scenario: ScenarioName, kind: Kind, { at = this.server.origin, tellers }: Play = {}): Promise<Outcome> {
    const wire = await Wire.start(t, this.node.port)
    const { page, errors } = await this.browser.open(at)
    this.server.tellers = tellers?.(wire) ?? {}
    this.server.endpoint = this.node.url
    try {
      const facts = await page.evaluate(`scenarios.${scenario}(${JSON.stringify({ kind, server: `http://127.0.0.1:${wire.port}` })})`)
      return { facts: facts as Facts, wire, errors }
    } finally {
      await page.close()
    }
  }
}
