/** The reference server as a node: a process with a port of its own, killed and started again on it. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { freePort } from '../../../../packages/storage-redis/test/redis-server.ts'
import { Child } from './child.ts'

const folder = path.resolve(import.meta.dirname, '../../../../apps/reference-server')
const built = path.join(folder, 'dist/main.js')

export interface ReferenceNode {
  readonly port: number
  readonly url: string
  readonly process: Child
  /** For how long it has been there, over all its lives, milliseconds. */
  readonly presence: number
  /** Resolves when it listens. */
  start (): Promise<void>
  kill (): Promise<void>
  /** The HTTP status of one of its health routes, or why there is none. */
  health (route: 'healthz' | 'readyz'): Promise<number | string>
}

/** @param settings variables of the reference server */
export async function startNode (settings: Readonly<Record<string, string>>): Promise<ReferenceNode> {
  const port = await freePort()
  const env = { ...environmentWithoutSettings(), LOG_LEVEL: 'warn', ...settings, HOST: '127.0.0.1', PORT: String(port) }
  const child = new Child(process.execPath, program(), env)
  let past = 0
  let since: number | null = null
  const node: ReferenceNode = {
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    process: child,
    get presence () { return past + (since === null ? 0 : performance.now() - since) },
    start: async () => {
      await child.start(/Endpoint +http/)
      since = performance.now()
    },
    kill: async () => {
      past = node.presence
      since = null
      await child.end('SIGKILL')
    },
    health: async route => {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/${route}`)
        await response.body?.cancel()
        return response.status
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    }
  }
  await node.start()
  return node
}

/** What was built, as the gate builds it before it tests; in a fresh checkout the sources. */
function program (): string[] {
  if (existsSync(built)) return [built]
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return ['--conditions=mcp-source', '--import', tsx, path.join(folder, 'src/main.ts')]
}

/** A developer's own settings must not change what is tested. */
function environmentWithoutSettings (): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(MCP_.*|HOST|PORT|LOG_LEVEL|NODE_OPTIONS|TAP.*)$/.test(name)))
}
