/** `@fastify/cors` of the application beside the endpoint, and a page in a browser that calls. */
import cors from '@fastify/cors'
import t from 'tap'
import { BOTH, initializeRequest, startApp, type Fields } from './helper.ts'

const PAGE = 'https://app.example.com'
const methods = ['GET', 'POST', 'DELETE']

/** What a browser does: a preflight, then the request if that allows it, and of the reply's headers it shows those that are exposed. */
async function browse (
  url: string, origin: string, method: string, headers: Fields, body?: string
): Promise<{ status: number, shown: Fields } | string> {
  const names = Object.keys(headers)
  const asked = { origin, 'access-control-request-method': method, 'access-control-request-headers': names.join(',') }
  const preflight = await fetch(url, { method: 'OPTIONS', headers: asked })
  const allowed = (name: string): string[] => (preflight.headers.get(name) ?? '').toLowerCase().split(',').map(one => one.trim())
  if (preflight.headers.get('access-control-allow-origin') !== origin) return 'the preflight does not allow the origin'
  if (!allowed('access-control-allow-methods').includes(method.toLowerCase())) return 'the preflight does not allow the method'
  if (!names.every(name => allowed('access-control-allow-headers').includes(name))) return 'the preflight does not allow the headers'
  const reply = await fetch(url, { method, headers: { ...headers, origin }, ...(body !== undefined && { body }) })
  await reply.body?.cancel()
  if (reply.headers.get('access-control-allow-origin') !== origin) return 'the page may not read the reply'
  const exposed = (reply.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(',').map(one => one.trim())
  return { status: reply.status, shown: Object.fromEntries([...reply.headers].filter(([name]) => exposed.includes(name))) }
}

const json = { 'content-type': 'application/json', accept: BOTH }

t.test('H-9: with one list for @fastify/cors and the endpoint a page opens, uses and ends a session', async t => {
  const { url, logs } = await startApp(t, { allowedOrigins: [PAGE] }, {}, app => app.register(cors, { origin: [PAGE], methods, exposedHeaders: ['X-Own'] }))
  const opened = await browse(url, PAGE, 'POST', json, JSON.stringify(initializeRequest()))
  if (typeof opened === 'string') throw new Error(opened)
  t.equal(opened.status, 200)
  const id = opened.shown['mcp-session-id'] ?? ''
  t.not(id, '', 'the page may read the id of its session')
  const session = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
  t.match(await browse(url, PAGE, 'POST', { ...json, ...session }, '{"jsonrpc":"2.0","method":"notifications/initialized"}'), { status: 202 })
  t.match(await browse(url, PAGE, 'GET', { ...session, accept: 'text/event-stream' }), { status: 200 })
  t.match(await browse(url, PAGE, 'DELETE', session), { status: 204 })
  const reply = await fetch(url, { headers: { origin: PAGE } })
  t.equal(reply.headers.get('access-control-expose-headers'), 'X-Own, Mcp-Session-Id, WWW-Authenticate, MCP-Protocol-Version, Retry-After')
  t.notOk(logs.some(({ msg }) => /@fastify\/cors/.test(msg)))
})

t.test('H-9, H-3: without the list the log warns at the start, and the page may read why its POST is rejected', async t => {
  const { url, logs, rpc } = await startApp(t, {}, {}, app => app.register(cors, { origin: true, methods }))
  t.ok(logs.some(({ level, msg }) => level === 40 && /@fastify\/cors is registered.*allowedOrigins of mcpStreamable/.test(msg)))
  t.match(await browse(url, PAGE, 'POST', json, JSON.stringify(initializeRequest())), { status: 403 })
  t.match((await rpc(initializeRequest(), { origin: PAGE })).message.error?.message, /"https:\/\/app\.example\.com".*allowedOrigins/)
})

t.test('without CORS nothing is exposed', async t => {
  const { url, logs } = await startApp(t)
  const reply = await fetch(url, { headers: { origin: 'http://localhost:5173' } })
  t.equal(reply.headers.get('access-control-expose-headers'), null)
  t.notOk(logs.some(({ msg }) => /cors/i.test(msg)))
})
