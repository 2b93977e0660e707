/** Options of Fastify and of its `register` that change how routes behave: the endpoint works with each, as other plugins do. */
import swagger from '@fastify/swagger'
import Fastify, { type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { mcpStreamable } from '../src/index.ts'
import { answering, call, modern, rawConnection, rawRequest, readEvents, startApp } from './helper.ts'
import { answer, listen, progress, puppet } from './session-client.ts'

const application = answering({ 'test/url': async ({ request }) => ({ url: request?.url ?? '' }) })
const [discover, fields] = modern('server/discover')

/** The paths among these that are served. */
async function served (paths: readonly string[], register: object, options: FastifyServerOptions = {}, prefix = ''): Promise<string[]> {
  const app = Fastify(options)
  await app.register(async scope => { await scope.register(mcpStreamable, { application, ...register }) }, { prefix })
  const found: string[] = []
  for (const url of paths) {
    const reply = await app.inject({ method: 'POST', url, payload: discover, headers: { host: 'localhost', ...fields } })
    if (reply.statusCode === 200) found.push(url)
  }
  await app.close()
  return found
}

t.test('users row 27: the router\'s options apply to the endpoint', async t => {
  const all = ['/mcp', '/mcp/', '//mcp', '/MCP']
  t.strictSame(await served(all, {}), ['/mcp', '/mcp/'])
  t.strictSame(await served(all, {}, { routerOptions: { ignoreTrailingSlash: true } }), ['/mcp', '/mcp/'])
  t.strictSame(await served(all, {}, { ignoreTrailingSlash: true }), ['/mcp', '/mcp/'], 'where Fastify 5 took it first')
  t.strictSame(await served(all, {}, { routerOptions: { ignoreDuplicateSlashes: true } }), ['/mcp', '/mcp/', '//mcp'])
  t.strictSame(await served(all, {}, { routerOptions: { caseSensitive: false } }), ['/mcp', '/mcp/', '/MCP'])
  const loose = { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false }
  t.strictSame(await served(all, {}, { routerOptions: loose }), all)
  t.strictSame(await served(['/', '/api', '/api/'], { path: '/', prefix: '/api' }, { routerOptions: loose }), ['/api', '/api/'])
})

t.test('users row 27: prefix and path may be written in every way that Fastify takes', async t => {
  const all = ['/', '/mcp', '/mcp/', '/api', '/api/', '/api/mcp', '/api/mcp/']
  for (const prefix of ['/api', '/api/', 'api', 'api/']) {
    t.strictSame(await served(all, { prefix }), ['/api/mcp', '/api/mcp/'], prefix)
    t.strictSame(await served(all, { prefix, path: '/' }), ['/api', '/api/'], `${prefix} and the path /`)
    t.strictSame(await served(all, {}, {}, prefix), ['/api/mcp', '/api/mcp/'], `${prefix} of the scope`)
  }
  for (const prefix of ['', '/']) t.strictSame(await served(all, { prefix }), ['/mcp', '/mcp/'], `"${prefix}" is none`)
  t.strictSame(await served(all, { path: '/' }), ['/'])
  t.strictSame(await served(all, { path: '/' }, {}, '/api'), ['/api', '/api/'])
  t.strictSame(await served(all, { path: '/mcp/' }), ['/mcp', '/mcp/'])
  t.strictSame(await served(['/v1/api/mcp', '/v1//api/mcp'], { prefix: 'api/' }, {}, '/v1/'), ['/v1/api/mcp'])
})

t.test('handlerTimeout of the server cuts neither streams nor calls', async t => {
  const { application, requests } = puppet()
  const server = await startApp(t, { application }, { handlerTimeout: 40 }, app => {
    app.get('/slow', () => new Promise(() => {}))
  })
  const session = await server.initialize()
  const listening = await listen(server, session)
  const streamed = server.open(call('test/a'), session)
  const first = await requests.next()
  await progress(first, 1)
  const waiting = server.rpc(...modern('test/b'))
  const second = await requests.next()
  t.equal((await fetch(new URL('/slow', server.url))).status, 503, 'a route that began later was cut')
  await answer(first, { done: 1 })
  await answer(second, { done: 2 })
  t.match((await readEvents(await streamed).rest()).at(-1)?.message, { result: { done: 1 } })
  t.match(await waiting, { status: 200, message: { result: { done: 2 } } })
  await server.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  t.match((await listening.next())?.data, '')
  t.match(await listening.next(), { message: { method: 'notifications/tools/list_changed' } }, 'the GET stream lives')
})

t.test('a request target that is a whole URL names the host, and makes the URL that applications see', async t => {
  const { port } = await startApp(t, { application })
  const [body, headers] = modern('test/url')
  const lines = ['Content-Type: application/json', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  const ask = async (target: string, host = 'localhost'): Promise<string> => {
    const raw = rawRequest('POST', [`Host: ${host}`, ...lines], JSON.stringify(body), target)
    return (await rawConnection(t, port, raw)).closed()
  }
  t.match(await ask('http://localhost/mcp?a=1'), /"url":"http:\/\/localhost\/mcp\?a=1"/)
  t.match(await ask('http://LOCALHOST/mcp'), /"url":"http:\/\/localhost\/mcp"/)
  t.match(await ask('/mcp?a=http://x/'), /"url":"http:\/\/localhost\/mcp\?a=http:\/\/x\/"/)
  t.match(await ask('http://evil.example/mcp', 'evil.example'), /^HTTP\/1.1 403 /)
  t.match(await ask('http://evil.example/mcp'), /^HTTP\/1.1 400 [^]*two different hosts/)
  t.match(await ask('http://localhost/mcp', 'evil.example'), /^HTTP\/1.1 400 /)
  t.match(await ask('http://user@localhost/mcp'), /^HTTP\/1.1 400 /)
})

t.test('D-9: requests whose body means nothing may name any media type', async t => {
  const { initialize, url, port } = await startApp(t)
  const types = ['application/json', 'application/xml', 'text/plain', 'multipart/form-data', 'banana', ';', 'a/b, c/d']
  for (const type of types) {
    const session = await initialize()
    t.equal((await fetch(url, { method: 'DELETE', headers: { ...session, 'content-type': type } })).status, 204, `DELETE ${type}`)
    const other = await initialize()
    t.equal((await fetch(url, { method: 'DELETE', headers: { ...other, 'content-type': type }, body: 'hello' })).status, 204, `DELETE ${type}, a body`)
    t.equal((await fetch(url, { method: 'OPTIONS', headers: { 'content-type': type }, body: 'hello' })).status, 204, `OPTIONS ${type}`)
    t.equal((await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body: 'hello' })).status, 405, `PUT ${type}`)
    const get = await fetch(url, { headers: { accept: 'text/event-stream', 'content-type': type } })
    t.equal(get.status, 400, `GET ${type}: the session is missing`)
  }
  const untyped = await rawConnection(t, port, rawRequest('DELETE', Object.entries(await initialize()).map(([name, value]) => `${name}: ${value}`), 'hello'))
  t.match(await untyped.closed(), /^HTTP\/1.1 204 /, 'no type, a body')
})

t.test('@fastify/swagger lists the routes of the application and not ours', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(swagger)
  await app.register(mcpStreamable, { application })
  app.get('/rooms', { schema: {} }, async () => [])
  await app.ready()
  t.strictSame(Object.keys(app.swagger().paths ?? {}), ['/rooms'])
})

t.test('logLevel and logSerializers are taken at registration', async t => {
  const quiet = await startApp(t, { application, logLevel: 'error' })
  t.equal((await quiet.rpc('{')).status, 400)
  t.strictSame(quiet.logs.filter(line => 'reqId' in line), [], 'no line of the request')
  const loud = await startApp(t, { application, logLevel: 'trace', logSerializers: { req: () => 'hidden' } })
  await loud.rpc('{')
  t.match(loud.logs.find(line => 'req' in line), { req: 'hidden' })

  const register = async (options: object): Promise<void> => {
    const app = Fastify({ logger: { level: 'silent' } })
    t.teardown(() => app.close())
    await app.register(mcpStreamable, { application, ...options })
  }
  const code = 'MCP_ENDPOINT_BAD_OPTION'
  await t.rejects(register({ logLevel: 'loud' }), { code, message: /"logLevel" must be a level of the logger \("trace".*"silent"\), got "loud"/ })
  await t.rejects(register({ logLevel: 5 }), { code, message: /"logLevel".*got 5/ })
  await t.rejects(register({ logSerializers: { req: 'x' } }), { code, message: /"logSerializers" must be an object of functions/ })
})
