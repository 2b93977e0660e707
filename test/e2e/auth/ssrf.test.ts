/** Whoever makes tokens, or answers for an issuer, reaches nothing inside our network through us. */
import { createServer, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { mcpAuth, type McpAuthOptions } from '@mcp/auth'
import Fastify from 'fastify'
import { freePort } from '../../lib/free-port.ts'
import { rs256, rsaKey } from './lib/jwt.ts'
import { startResource } from './lib/resource.ts'
import { rpc } from './lib/rpc.ts'

const key = rsaKey()
const METADATA = 'http://169.254.169.254/latest/meta-data/'

interface Listening {
  readonly url: string
  readonly asked: string[]
}

async function listen (t: Test, answer: RequestListener): Promise<Listening> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const port = await freePort()
  await new Promise<void>(resolve => { server.listen(port, '127.0.0.1', resolve) })
  return { url: `http://127.0.0.1:${port}`, asked }
}

const keySet = JSON.stringify({ keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, alg: 'RS256' }] })
const inside = await listen(t, (_request, response) => { response.end(keySet) })

function tokenFor (resource: string, issuer: string, header = {}): string {
  const exp = Math.floor(Date.now() / 1000) + 60
  return rs256(key, { iss: issuer, aud: resource, sub: 'alice', scope: 'mcp:read', exp }, header)
}

t.test('H-15 no URL in a token is fetched', async t => {
  const issuer = await listen(t, (_request, response) => { response.end(JSON.stringify({ keys: [] })) })
  const { url } = await startResource(t, { jwt: { issuer: issuer.url, jwksUrl: `${issuer.url}/jwks` } })
  for (const header of [{ jku: inside.url }, { x5u: inside.url }, { jku: METADATA }, { kid: inside.url }, { kid: '../../etc/passwd' }]) {
    t.match(await rpc(url, tokenFor(url, issuer.url, header)), { status: 401 }, JSON.stringify(header))
  }
  t.match(await rpc(url, tokenFor(url, inside.url)), { status: 401 }, 'iss')
  t.strictSame(inside.asked, [])
})

t.test('H-15 an issuer that says its keys are inside, or sends us there: 503', async t => {
  for (const jwksUri of [METADATA, 'https://10.0.0.1/jwks', 'http://[::ffff:127.0.0.1]/', 'file:///etc/passwd', 'http://user:word@127.0.0.1/', '/jwks']) {
    const issuer = await listen(t, (_request, response) => { response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: jwksUri })) })
    const { url, log } = await startResource(t, { jwt: { issuer: issuer.url } })
    t.match(await rpc(url, tokenFor(url, issuer.url)), { status: 503 }, jwksUri)
    t.match(log(), /Nothing is requested from/)
  }
  const redirect = await listen(t, (request, response) => {
    if (request.url === '/jwks') response.writeHead(302, { location: inside.url }).end()
    else response.end(JSON.stringify({ issuer: redirect.url, jwks_uri: `${redirect.url}/jwks` }))
  })
  const { url } = await startResource(t, { jwt: { issuer: redirect.url } })
  t.match(await rpc(url, tokenFor(url, redirect.url)), { status: 503 })
  t.ok(redirect.asked.includes('/jwks'))
  t.strictSame(inside.asked, [])
})

t.test('H-15 G-33 metadata that is somewhere else is not mirrored', async t => {
  const issuer = await listen(t, (_request, response) => { response.writeHead(307, { location: inside.url }).end() })
  const { url } = await startResource(t, { jwt: { issuer: issuer.url } })
  const mirrored = await fetch(new URL('/.well-known/oauth-authorization-server', url))
  t.equal(mirrored.status, 503)
  t.notMatch(await mirrored.text(), /keys|127\.0\.0\.1/)
  t.strictSame(inside.asked, [])
})

t.test('H-15 G-22 an introspection endpoint that redirects gets the token alone, nobody else does', async t => {
  for (const status of [301, 302, 303, 307, 308]) {
    const issuer = await listen(t, (_request, response) => { response.writeHead(status, { location: `${inside.url}/introspect` }).end() })
    const { url } = await startResource(t, {
      introspection: { url: `${issuer.url}/introspect`, issuer: issuer.url, clientId: 'resource-server', clientSecret: 'word' }
    })
    t.match(await rpc(url, 'an-opaque-token'), { status: 503 })
    t.strictSame(issuer.asked.filter(path => path === '/introspect').length, 1)
  }
  t.strictSame(inside.asked, [])
})

t.test('H-15 addresses inside are refused when the server starts', async t => {
  const resource = 'https://mcp.example.com/mcp'
  const introspection = { issuer: 'https://issuer.example', clientId: 'a', clientSecret: 'b' }
  const refused: McpAuthOptions[] = [
    { resource, jwt: { issuer: 'https://issuer.example', jwksUrl: METADATA } },
    { resource, jwt: { issuer: 'https://192.168.0.1' } },
    { resource, jwt: { issuer: 'http://issuer.example' } },
    { resource, jwt: { issuer: 'http://127.0.0.1:8080' } },
    { resource, introspection: { ...introspection, url: 'https://[fd00::1]/introspect' } },
    { resource, introspection: { ...introspection, url: 'https://2130706433/introspect' } }
  ]
  for (const options of refused) {
    const app = Fastify()
    await t.rejects(async () => await app.register(mcpAuth, options), { code: 'MCP_AUTH_BAD_OPTION' }, JSON.stringify(options))
    await app.close()
  }
})

t.test('H-15 addresses inside that were allowed are accepted when the server starts, https alone and no others', async t => {
  const resource = 'https://mcp.example.com/mcp'
  const register = async (issuer: string, allow: string[]): Promise<void> => {
    const app = Fastify()
    try {
      await app.register(mcpAuth, { resource, jwt: { issuer }, outgoing: { allow } })
    } finally {
      await app.close()
    }
  }
  for (const allow of [['192.168.0.1'], ['192.168.0.1:8443'], ['192.168.0.0/24']]) await t.resolves(register('https://192.168.0.1:8443', allow), allow.join())
  const refused: ReadonlyArray<readonly [issuer: string, allow: string[]]> = [
    ['http://192.168.0.1', ['192.168.0.1', '192.168.0.0/24']],
    ['http://keycloak:8080', ['keycloak:8080']],
    ['https://192.168.0.1', ['192.168.0.1:8443', '192.168.1.0/24', 'id.internal.example']],
    ['https://127.0.0.1', ['127.0.0.1']],
    ['https://169.254.169.254', ['169.254.169.254']]
  ]
  for (const [issuer, allow] of refused) await t.rejects(register(issuer, allow), { code: 'MCP_AUTH_BAD_OPTION' }, issuer)
})

t.test('H-15 what is allowed opens nothing else: an issuer that says its keys are at another host inside', async t => {
  const issuer = await listen(t, (_request, response) => {
    response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: 'https://10.0.0.2/jwks' }))
  })
  const outgoing = { allowLoopback: true, allow: ['10.0.0.1', '10.1.0.0/16'] }
  const { url, log } = await startResource(t, { jwt: { issuer: issuer.url }, outgoing })
  t.match(await rpc(url, tokenFor(url, issuer.url)), { status: 503 })
  t.match(log(), /Nothing is requested from https:\/\/10\.0\.0\.2\/jwks/)
})
