import t from 'tap'
import { alice, startApp } from './helper.ts'

const PAGE = 'http://localhost:6274'
const EXPOSED = ['Mcp-Session-Id', 'WWW-Authenticate', 'MCP-Protocol-Version', 'Retry-After']

function list (value: string | null): string[] {
  return (value ?? '').split(',').map(item => item.trim())
}

t.test('H-9 users row 21: a preflight is answered before authentication, with all a client of MCP needs', async t => {
  const { preflight, logs } = await startApp(t)
  const reply = await preflight({
    origin: PAGE,
    'access-control-request-headers': 'authorization,content-type,mcp-protocol-version,mcp-method,Mcp-Param-Region, mcp-param-shard ,x-other'
  })
  t.equal(reply.status, 204)
  t.equal(await reply.text(), '')
  t.equal(reply.headers.get('access-control-allow-origin'), PAGE)
  t.strictSame(list(reply.headers.get('access-control-allow-methods')), ['GET', 'POST', 'DELETE'])
  t.strictSame(list(reply.headers.get('access-control-allow-headers')), [
    'Authorization', 'Content-Type', 'Accept', 'Mcp-Session-Id', 'MCP-Protocol-Version', 'Last-Event-ID', 'Mcp-Method', 'Mcp-Name',
    'Mcp-Param-Region', 'mcp-param-shard'
  ], 'mirrored arguments by their prefix, others not')
  t.equal(reply.headers.get('access-control-max-age'), '600')
  t.equal(reply.headers.get('access-control-allow-credentials'), null)
  t.match(list(reply.headers.get('vary')), ['Origin'])
  t.equal(reply.headers.get('x-content-type-options'), 'nosniff', 'security headers are on it too')
  t.strictSame(logs.filter(({ rung }) => rung !== undefined), [])
})

t.test('H-9 what a preflight asks for is echoed within bounds and by its form alone', async t => {
  const { preflight } = await startApp(t)
  const many = Array.from({ length: 200 }, (_, i) => `mcp-param-p${i}`)
  const asked = ['mcp-param-', `mcp-param-${'x'.repeat(65)}`, 'mcp-param-a b', 'mcp-param-ü', 'x-mcp-param-a', 'authorization', ...many]
  const reply = await preflight({ origin: PAGE, 'access-control-request-headers': Buffer.from(asked.join(',')).toString('latin1') })
  t.strictSame(list(reply.headers.get('access-control-allow-headers')).slice(8), many.slice(0, 64))
})

t.test('H-9 CORS headers are on every reply to an allowed page: 200, 401, 404, 429', async t => {
  const { post } = await startApp(t, { rateLimit: { address: { max: 2 } } })
  const replies: ReadonlyArray<readonly [number, Response]> = [
    [200, await post({ origin: PAGE, ...alice })],
    [401, await post({ origin: PAGE })],
    [429, await post({ origin: PAGE, ...alice })],
    [404, await post({ origin: PAGE }, '/nowhere')]
  ]
  for (const [status, { headers, status: actual }] of replies) {
    t.equal(actual, status)
    t.equal(headers.get('access-control-allow-origin'), PAGE, String(status))
    t.strictSame(list(headers.get('access-control-expose-headers')), EXPOSED, String(status))
    t.equal(headers.get('vary'), 'Origin', String(status))
  }
})

t.test('H-9 H-2 another page is told nothing, and neither is who names no page; caches keep them apart', async t => {
  const { preflight, post } = await startApp(t)
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
    const refused = await preflight(headers)
    for (const { headers: fields } of [refused, await post({ ...headers, ...alice })]) {
      const told = [...fields.keys()].filter(name => name.startsWith('access-control-'))
      t.strictSame(told, [], JSON.stringify(headers))
      t.equal(fields.get('vary'), 'Origin')
    }
  }
})

t.test('H-9 an OPTIONS request that is no preflight harms nobody', async t => {
  const { origin } = await startApp(t)
  const reply = await fetch(origin + '/mcp', { method: 'OPTIONS', headers: { origin: PAGE } })
  t.equal(reply.status, 204)
})

t.test('H-9 no * with credentials: the origin is named', async t => {
  const { post } = await startApp(t, { cors: { allowedOrigins: origin => origin.endsWith('.example'), credentials: true } })
  const { headers } = await post({ origin: 'https://app.example', ...alice })
  t.equal(headers.get('access-control-allow-origin'), 'https://app.example')
  t.equal(headers.get('access-control-allow-credentials'), 'true')
})

t.test('users row 26: any page may be allowed, without credentials', async t => {
  const { post } = await startApp(t, { cors: { allowedOrigins: ['*'] } })
  const { headers } = await post({ origin: 'https://any.example', ...alice })
  t.equal(headers.get('access-control-allow-origin'), 'https://any.example')
  t.equal(headers.get('access-control-allow-credentials'), null)
})

t.test('a predicate that throws allows nothing, is logged, and breaks no request', async t => {
  const { post, logs } = await startApp(t, { cors: { allowedOrigins: () => { throw new Error('database gone') } } })
  const { status, headers } = await post({ origin: PAGE, ...alice })
  t.equal(status, 200)
  t.equal(headers.get('access-control-allow-origin'), null)
  t.match(logs.filter(({ level }) => level >= 40), [{ level: 50, err: { message: 'database gone' } }])
})

t.test('each part is overridable, and CORS can be switched off', async t => {
  const own = await startApp(t, { cors: { methods: ['POST'], maxAgeS: 5, allowedHeaders: ['X-Team'], exposedHeaders: ['X-Trace'] } })
  const { headers } = await own.preflight({ origin: PAGE })
  t.equal(headers.get('access-control-allow-methods'), 'POST')
  t.equal(headers.get('access-control-max-age'), '5')
  t.match(headers.get('access-control-allow-headers'), /, X-Team$/)
  t.match(headers.get('access-control-expose-headers'), /, X-Trace$/)

  const off = await startApp(t, { cors: false })
  const reply = await off.post({ origin: PAGE, ...alice })
  t.equal(reply.headers.get('access-control-allow-origin'), null)
  t.equal(reply.headers.get('vary'), null)
})
