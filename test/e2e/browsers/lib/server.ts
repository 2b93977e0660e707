/** The reference server as a process, with a port that it chose itself, so that nobody else can have taken it. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Test } from 'tap'
import { Child } from '../../../resilience/chaos/lib/child.ts'

const folder = path.resolve(import.meta.dirname, '../../../../apps/reference-server')
const built = path.join(folder, 'dist/main.js')

const START_MS = 60_000

export class Server {
  readonly #child: Child
  #port = 0

  private constructor (settings: Readonly<Record<string, string>>) {
    // A developer's own settings must not change what is tested.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(MCP_.*|HOST|PORT|LOG_LEVEL|NODE_OPTIONS|TAP.*)$/.test(name))
    const env = { ...Object.fromEntries(inherited), LOG_LEVEL: 'warn', ...settings, HOST: '127.0.0.1', PORT: '0' }
    this.#child = new Child(process.execPath, program(), env)
  }

  static async start (t: Test, settings: Readonly<Record<string, string>>): Promise<Server> {
    const server = new Server(settings)
    t.teardown(() => server.#child.end('SIGTERM'))
    await server.#start()
    return server
  }

  get port (): number {
    return this.#port
  }

  get url (): string {
    return `http://127.0.0.1:${this.#port}/mcp`
  }

  /** It dies without a word. */
  async kill (): Promise<void> {
    await this.#child.end('SIGKILL')
  }

  async #start (): Promise<void> {
    await this.#child.start(/Endpoint +http\S+\s/, START_MS)
    this.#port = Number([...this.#child.output.matchAll(/Endpoint +http:\/\/127\.0\.0\.1:(\d+)\//g)].at(-1)?.[1])
  }
}

/** What was built, as the gate builds it before it tests; in a fresh checkout the sources. */
function program (): string[] {
  if (existsSync(built)) return [built]
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return ['--conditions=mcp-source', '--import', tsx, path.join(folder, 'src/main.ts')]
}
