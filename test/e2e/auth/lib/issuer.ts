import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findNode } from '../../../conformance/find-node.ts'
import { freePort } from '../../../lib/free-port.ts'
import { rsaKey, type SigningKey } from './jwt.ts'
import type { Test } from 'tap'
import type { AuthorizationServerConfig } from './authorization-server.ts'

export type IssuerOptions = Partial<Omit<AuthorizationServerConfig, 'port' | 'keys'>>

const defaults = {
  scopes: ['mcp:read', 'mcp:write'],
  accessTokenFormat: 'jwt',
  accessTokenTtl: 60,
  documents: {},
  introspector: { id: 'resource-server', secret: 'word' }
} as const

/** A real authorization server, which can go away and come back, also with other keys. */
export class Issuer {
  readonly url: string
  /** The key it signs with now; tests sign with it what no server would. */
  key: SigningKey = rsaKey()
  readonly #port: number
  readonly #options: IssuerOptions
  #process: ChildProcess | null = null

  constructor (port: number, options: IssuerOptions) {
    this.#port = port
    this.#options = options
    this.url = `http://127.0.0.1:${port}`
  }

  async start (): Promise<void> {
    const config: AuthorizationServerConfig = { ...defaults, ...this.#options, port: this.#port, keys: [this.key.jwk] }
    const file = fileURLToPath(new URL('authorization-server.ts', import.meta.url))
    const child = this.#process = fork(file, [JSON.stringify(config)], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)), execPath: findNode(), execArgv: ['--import', 'tsx'], silent: true
    })
    let told = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => { told += chunk })
    await new Promise((resolve, reject) => {
      child.once('message', resolve)
      child.once('exit', () => { reject(new Error(`the authorization server ended:\n${told}`)) })
    })
  }

  async stop (): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null) return
    const gone = new Promise(resolve => { child.once('exit', resolve) })
    child.disconnect()
    await gone
  }

  /** From now on it signs with another key, and knows only that one. What it stored is forgotten. */
  async rotate (): Promise<void> {
    await this.stop()
    this.key = rsaKey()
    await this.start()
  }

  /** Claims of an access token for a resource, good for a minute. */
  claims (resource: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000)
    return { iss: this.url, aud: resource, sub: 'alice', client_id: 'app', scope: 'mcp:read', iat: now, exp: now + 60, jti: String(now), ...changes }
  }
}

export async function startIssuer (t: Test, options: IssuerOptions = {}): Promise<Issuer> {
  const issuer = new Issuer(await freePort(), options)
  t.teardown(() => issuer.stop())
  await issuer.start()
  return issuer
}
