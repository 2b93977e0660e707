import t from 'tap'
import { StreamableHttpClient, sdkAuth, type AuthChallenge, type ClientAuth } from '../../src/index.ts'
import { INITIALIZE_RESULT, RECONNECT, listen, request, shakeHands } from '../lib/client.ts'
import { serve, type Seen } from '../lib/server.ts'

const CHALLENGE = 'Bearer error="invalid_token", scope="read", resource_metadata="https://a.example/.well-known/oauth-protected-resource"'

/** Takes the bearer token that is good now. */
function gate (good: () => string, answer: (seen: Seen) => void = seen => seen.result()): (seen: Seen) => void {
  return seen => seen.headers.authorization === `Bearer ${good()}` ? answer(seen) : seen.status(401, { 'www-authenticate': CHALLENGE })
}

t.test('G-49, users: many refused at once share one flow; each is sent once more', async t => {
  const server = await serve(t, gate(() => 'new'))
  const challenges: AuthChallenge[] = []
  let token = 'old'
  const auth: ClientAuth = {
    token: () => token,
    onUnauthorized: async challenge => {
      challenges.push(challenge)
      await server.until('x', 5)
      token = 'new'
    }
  }
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth }))
  await Promise.all([1, 2, 3, 4, 5].map(id => heard.client.send(request(id, 'x'))))
  t.equal(heard.messages.length, 5)
  t.equal(server.seen.length, 10)
  t.match(challenges, [{
    status: 401, error: 'invalid_token', scope: 'read', resourceMetadata: 'https://a.example/.well-known/oauth-protected-resource'
  }])
  t.equal(challenges[0]?.url.href, server.url)
})

t.test('G-49: who is refused with an old token takes the new one without a flow', async t => {
  const server = await serve(t, gate(() => 'new'))
  let asked = 0
  const auth: ClientAuth = { token: () => ++asked === 1 ? 'old' : 'new', onUnauthorized: () => { throw new Error('not needed') } }
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth }))
  await heard.client.send(request(1, 'x'))
  t.equal(heard.messages.length, 1)
})

t.test('G-49: a 401 to the new token ends it', async t => {
  const server = await serve(t, gate(() => 'unknown'))
  let flows = 0
  const auth: ClientAuth = { token: () => 'bad', onUnauthorized: () => { flows++ } }
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth }))
  await t.rejects(heard.client.send(request(1, 'x')), { code: 'MCP_CLIENT_UNAUTHORIZED', name: 'UnauthorizedError', status: 401, challenges: [{ scheme: 'bearer' }] })
  t.equal(flows, 1)
  t.equal(server.seen.length, 2)
  const without = await listen(t, new StreamableHttpClient(server.url))
  await t.rejects(without.client.send(request(1, 'x')), { code: 'MCP_CLIENT_UNAUTHORIZED' })
  const throwing = await listen(t, new StreamableHttpClient(server.url, { auth: { token: () => 'bad', onUnauthorized: () => { throw new RangeError('mine') } } }))
  await t.rejects(throwing.client.send(request(1, 'x')), RangeError, 'what a flow throws comes out')
})

t.test('G-48, G-49: insufficient scope is a flow of its own, once per message; other 403s are none', async t => {
  const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write"' }
  let scope = 'read'
  const server = await serve(t, seen => {
    if (seen.what === 'never') seen.status(403, challenge)
    else if (seen.what === 'forbidden') seen.status(403, {}, 'no')
    else if (seen.what === 'write' && scope === 'read') seen.status(403, challenge)
    else seen.result()
  })
  const challenges: AuthChallenge[] = []
  const auth: ClientAuth = {
    token: () => scope,
    onUnauthorized: challenge => {
      challenges.push(challenge)
      scope = 'read write'
    }
  }
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth }))
  await heard.client.send(request(1, 'write'))
  t.match(challenges, [{ status: 403, error: 'insufficient_scope', scope: 'write' }])
  await t.rejects(heard.client.send(request(2, 'never')), { code: 'MCP_CLIENT_UNAUTHORIZED', status: 403 })
  t.equal(challenges.length, 2)
  await t.rejects(heard.client.send(request(3, 'forbidden')), { code: 'MCP_CLIENT_HTTP_STATUS', status: 403 })
  t.equal(challenges.length, 2)
})

t.test('users row 11: GET and DELETE carry the token too, and a GET is let through a flow', async t => {
  let good = 'a'
  const server = await serve(t, gate(() => good, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what === 'GET') seen.stream()
    else {
      if (seen.method === 'POST') good = 'b'
      seen.status(202)
    }
  }))
  let token = 'a'
  const auth: ClientAuth = { token: () => token, onUnauthorized: () => { token = good } }
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth, reconnect: RECONNECT }))
  await shakeHands(heard)
  t.equal((await server.until('GET', 2)).headers.authorization, 'Bearer b')
  await heard.client.close()
  t.equal((await server.until('DELETE')).headers.authorization, 'Bearer b')
})

t.test('I-28, G-47: redirects are followed within the origin, by 307 and 308, with everything; credentials go nowhere else', async t => {
  const other = await serve(t, seen => seen.result())
  const server = await serve(t, seen => {
    if (seen.path === '/mcp/') return seen.result({ moved: true })
    const to: Record<string, [number, string]> = {
      same: [307, '/mcp/'], permanent: [308, `http://127.0.0.1:${server.port}/mcp/`], found: [302, '/mcp/'], elsewhere: [307, other.url], loop: [307, '/mcp'], nowhere: [307, '']
    }
    const [status = 500, location = ''] = to[seen.what] ?? []
    seen.status(status, location === '' ? {} : { location })
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { auth: { token: () => 'secret' } }))
  for (const method of ['same', 'permanent']) {
    await heard.client.send(request(method, method))
    t.match(await heard.answer(method), { result: { moved: true } })
    t.match(server.seen.at(-1), { method: 'POST', body: { method }, headers: { authorization: 'Bearer secret' } })
  }
  for (const method of ['found', 'elsewhere', 'loop', 'nowhere']) await t.rejects(heard.client.send(request(method, method)), { code: 'MCP_CLIENT_REDIRECTED' }, method)
  t.equal(other.seen.length, 0)
})

t.test('G-48: the official OAuth flow is given what the challenge says, and more scopes only by asking anew', async t => {
  const calls: object[] = []
  let tokens = { access_token: 'a', scope: 'read' }
  let outcome: 'AUTHORIZED' | 'REDIRECT' = 'AUTHORIZED'
  const provider = { tokens: () => tokens }
  const auth = sdkAuth(provider, async (given, { serverUrl, ...options }) => {
    t.equal(given, provider)
    t.equal(serverUrl.href, 'https://a.example/mcp')
    calls.push(options)
    tokens = { access_token: 'b', scope: 'read write' }
    return outcome
  })
  const url = new URL('https://a.example/mcp')
  const challenge = { url, challenges: [], error: undefined, resourceMetadata: undefined }
  t.equal(await auth.token(), 'a')
  await auth.onUnauthorized?.({ ...challenge, status: 401, scope: 'read', resourceMetadata: 'https://a.example/prm' })
  tokens = { access_token: 'a', scope: 'read' }
  await auth.onUnauthorized?.({ ...challenge, status: 403, scope: 'write' })
  outcome = 'REDIRECT'
  await t.rejects(async () => auth.onUnauthorized?.({ ...challenge, status: 401, scope: undefined }), { code: 'MCP_CLIENT_UNAUTHORIZED' })
  outcome = 'AUTHORIZED'
  await auth.finish(url, 'code')
  const resourceMetadataUrl = new URL('https://a.example/prm')
  t.match(calls, [
    { scope: 'read', resourceMetadataUrl }, { scope: 'read write', resourceMetadataUrl, forceReauthorization: true }, { scope: 'read write' },
    { authorizationCode: 'code', scope: 'read write' }
  ])
  t.equal(await auth.token(), 'b')
})

t.test('G-41: a challenge whose resource_metadata is not an absolute URL leads to the well-known place', async t => {
  for (const given of ['/.well-known/oauth-protected-resource', 'oauth', '', 'http://', 'javascript:alert(1)', 'https://[']) {
    const server = await serve(t, seen => seen.headers.authorization === 'Bearer new'
      ? seen.result()
      : seen.status(401, { 'www-authenticate': `Bearer resource_metadata="${given}"` }))
    let token = 'old'
    const asked: unknown[] = []
    const auth = sdkAuth({ tokens: () => ({ access_token: token }) }, async (_provider, options) => {
      asked.push(options.resourceMetadataUrl)
      token = 'new'
      return 'AUTHORIZED'
    })
    const heard = await listen(t, new StreamableHttpClient(server.url, { auth }))
    await heard.client.send(request(1, 'x'))
    t.strictSame(asked, [undefined], given)
  }
})
