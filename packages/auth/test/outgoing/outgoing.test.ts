import t from 'tap'
import { gzipSync } from 'node:zlib'
import { Agent } from 'undici'
import { connectsByConnector } from '../../src/outgoing/connector.ts'
import { createOutgoing } from '../../src/outgoing/index.ts'
import { httpServer, outgoing } from './servers.ts'

t.test('GET and POST', async t => {
  const server = await httpServer(t, async (request, response) => {
    const body = (await request.toArray()).join('')
    response.writeHead(request.method === 'POST' ? 400 : 200, { 'X-Twice': ['a', 'b'], 'Content-Type': 'application/json' })
    response.end(JSON.stringify([request.method, request.url, request.headers.authorization, request.headers['accept-encoding'], body]))
  })
  const { request } = outgoing(t, { allowLoopback: true })
  const got = await request(`http://127.0.0.1:${server.port}/keys?a=b`)
  t.match(got, { status: 200, headers: { 'content-type': 'application/json', 'x-twice': 'a, b' } })
  t.strictSame(JSON.parse(got.text), ['GET', '/keys?a=b', null, 'identity', ''])
  const init = { method: 'POST', headers: { authorization: 'Basic eA==' }, body: 'token=ü' } as const
  const posted = await request(`http://127.0.0.1:${server.port}/`, init)
  t.equal(posted.status, 400, 'an error of the other side is an answer')
  t.strictSame(JSON.parse(posted.text), ['POST', '/', 'Basic eA==', 'identity', 'token=ü'])
})

t.test('H-15 redirects are not followed, credentials go nowhere else', async t => {
  const inside = await httpServer(t, (_request, response) => { response.end('inside') })
  const server = await httpServer(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { location: `http://127.0.0.1:${inside.port}/` }).end('x'.repeat(100_000))
  })
  const { request } = outgoing(t, { allowLoopback: true })
  for (const status of [300, 301, 302, 303, 307, 308]) {
    await t.rejects(request(`http://127.0.0.1:${server.port}/${status}`, { headers: { authorization: 'Bearer x' } }), {
      code: 'MCP_AUTH_OUTGOING_REFUSED',
      statusCode: 503,
      message: `Nothing is requested from http://127.0.0.1:${server.port}/${status}: ` +
        `it answers ${status}, and redirects are not followed; configure the final URL`
    })
  }
  t.equal(inside.connections(), 0)
})

t.test('H-15 a compressed answer is refused, not inflated', async t => {
  const server = await httpServer(t, (_request, response) => { response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1_000_000))) })
  const { request } = outgoing(t, { allowLoopback: true })
  await t.rejects(request(`http://127.0.0.1:${server.port}/`), { code: 'MCP_AUTH_OUTGOING_FAILED', message: /compressed/ })
})

t.test('a proxy of the environment is not used', async t => {
  const proxy = await httpServer(t, (_request, response) => { response.end('proxy') })
  const server = await httpServer(t, (_request, response) => { response.end('direct') })
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
  const before = names.map(name => [name, process.env[name]] as const)
  t.teardown(() => {
    for (const [name, value] of before) if (value === undefined) delete process.env[name]; else process.env[name] = value
  })
  for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : `http://127.0.0.1:${proxy.port}`
  const { request } = outgoing(t, { allowLoopback: true })
  t.equal((await request(`http://127.0.0.1:${server.port}/`)).text, 'direct')
  t.equal(proxy.connections(), 0)
})

t.test('connections are kept; after close nothing goes out', async t => {
  const server = await httpServer(t, (_request, response) => { response.end('yes') })
  const { request, close } = createOutgoing({ allowLoopback: true })
  for (let times = 0; times < 10; times++) await request(`http://127.0.0.1:${server.port}/`)
  const opened = server.connections()
  t.ok(opened <= 2, 'ten requests in turn')
  await close()
  await t.rejects(request(`http://127.0.0.1:${server.port}/`), { code: 'MCP_AUTH_OUTGOING_FAILED' })
  t.equal(server.connections(), opened)
})

t.test('errors name the URL without its query', async t => {
  const server = await httpServer(t, (_request, response) => { response.destroy() })
  const { request } = outgoing(t, { allowLoopback: true })
  await t.rejects(request(`http://127.0.0.1:${server.port}/path?secret=1`), {
    code: 'MCP_AUTH_OUTGOING_FAILED', message: `No answer from http://127.0.0.1:${server.port}/path: UND_ERR_SOCKET`
  })
})

t.test('H-15 where undici ignores the connector, as on Bun, nothing is requested', async t => {
  const server = await httpServer(t, (_request, response) => { response.end('inside') })
  const unguarded = createOutgoing({ allowLoopback: true }, { guarded: false })
  await t.rejects(unguarded.request(`http://127.0.0.1:${server.port}/`), { code: 'MCP_AUTH_OUTGOING_REFUSED', message: /replaces undici/ })
  t.equal(server.connections(), 0)
  await unguarded.close()
  t.ok(connectsByConnector(new Agent()), 'undici itself')
  t.notOk(connectsByConnector(new (class Agent {})()), 'the shim of Bun 1.4: an agent without methods')
})
