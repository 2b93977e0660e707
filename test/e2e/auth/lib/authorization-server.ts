/**
 * A process of its own: `oidc-provider`, which needs a newer Node.js than the tests run on. Its configuration comes as the first
 * argument; it says `listening` when it does, and ends with its parent.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { Provider } from 'oidc-provider'
import type { JsonWebKey } from 'node:crypto'

export interface AuthorizationServerConfig {
  readonly port: number
  readonly keys: readonly JsonWebKey[]
  /** What a resource may grant. */
  readonly scopes: readonly string[]
  readonly accessTokenFormat: 'jwt' | 'opaque'
  /** In seconds. */
  readonly accessTokenTtl: number
  /** Client ID metadata documents by their URL, as if fetched from there. */
  readonly documents: Readonly<Record<string, unknown>>
  /** The resource server's own credentials, for introspection. */
  readonly introspector: { readonly id: string, readonly secret: string }
}

const config: AuthorizationServerConfig = JSON.parse(process.argv[2] ?? '')

const provider = new Provider(`http://127.0.0.1:${config.port}`, {
  jwks: { keys: config.keys },
  clients: [{
    client_id: config.introspector.id,
    client_secret: config.introspector.secret,
    redirect_uris: [],
    response_types: [],
    grant_types: []
  }],
  // As some do: a client that may refresh gets a refresh token, and each is good for one use.
  issueRefreshToken: (_ctx: unknown, client: { grantTypeAllowed (type: string): boolean }) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  // Clients register with the scopes of the resource.
  scopes: ['openid', 'offline_access', ...config.scopes],
  pkce: { required: () => true },
  fetch: async (url: URL | string) => {
    const document = config.documents[String(url)]
    return document === undefined ? new Response('', { status: 404 }) : Response.json(document)
  },
  features: {
    registration: { enabled: true },
    clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_ctx: unknown, resource: string) => ({
        scope: config.scopes.join(' '),
        audience: resource,
        accessTokenTTL: config.accessTokenTtl,
        accessTokenFormat: config.accessTokenFormat,
        jwt: { sign: { alg: 'RS256' } }
      })
    }
  }
})

const answer = provider.callback()

/**
 * Clients register with the scopes they were first challenged for, and `oidc-provider` would hold them to those for ever: no step-up. As
 * other authorization servers do, this one lets people decide each time.
 */
async function withoutScope (request: IncomingMessage): Promise<void> {
  const { scope, ...metadata } = JSON.parse((await request.toArray()).join(''))
  Object.assign(request, { body: metadata })
}

createServer(async (request, response) => {
  if (request.method === 'POST' && request.url === '/reg') await withoutScope(request)
  answer(request, response)
}).listen(config.port, '127.0.0.1', () => { process.send?.('listening') })
process.on('disconnect', () => { process.exit() })
