import t from 'tap'
import { bearer, modernCall, startEndpoint, statuses, toolCall } from './lib/endpoint.ts'

const PAGE = 'http://localhost:6274'

t.test('H-9 users row 21: CORS and security headers are on JSON, on streams of both eras and on every refusal', async t => {
  const { post, openSession, url } = await startEndpoint(t, { rateLimit: { tools: { spare: { max: 1 } } } })
  const page = { origin: PAGE }
  const session = { ...await openSession('alice'), ...page }
  const [body, headers] = modernCall('talk', 'alice')
  const [spare, spareHeaders] = modernCall('spare', 'alice')
  await (await post(spare, spareHeaders)).text()
  const replies: ReadonlyArray<readonly [string, number, Response]> = [
    ['JSON', 200, await post(toolCall('echo'), session)],
    ['stream', 200, await post(toolCall('talk'), session)],
    ['modern stream', 200, await post(body, { ...headers, ...page })],
    ['standalone stream', 200, await fetch(url, { headers: { accept: 'text/event-stream', ...session } })],
    ['accepted', 202, await post({ jsonrpc: '2.0', method: 'notifications/x' }, session)],
    ['no token', 401, await post(toolCall('echo'), page)],
    ['unknown session', 404, await post(toolCall('echo'), { ...session, 'mcp-session-id': 'nobody' })],
    ['too many', 429, await post(spare, { ...spareHeaders, ...page })]
  ]
  for (const [kind, status, reply] of replies) {
    t.equal(reply.status, status, kind)
    if (kind.includes('stream')) t.equal(reply.headers.get('content-type'), 'text/event-stream', kind)
    t.equal(reply.headers.get('access-control-allow-origin'), PAGE, kind)
    t.match(reply.headers.get('access-control-expose-headers'), /Mcp-Session-Id.*WWW-Authenticate.*Retry-After/, kind)
    t.match(reply.headers.get('vary'), 'Origin', kind)
    t.equal(reply.headers.get('x-content-type-options'), 'nosniff', kind)
    t.equal(reply.headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'", kind)
    await reply.body?.cancel()
  }
})

t.test('H-9 a preflight is never authenticated; of another page it gets no CORS header', async t => {
  const { url, asked } = await startEndpoint(t, {})
  const preflight = (origin: string) => fetch(url, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,mcp-param-region' }
  })
  const allowed = await preflight(PAGE)
  t.equal(allowed.status, 204)
  t.match(allowed.headers.get('access-control-allow-headers'), /Authorization.*mcp-param-region/)
  t.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null)
  t.strictSame(asked, [])
})

t.test('H-11 the address is limited before authentication: a flood of bad tokens is not even verified', async t => {
  const { post, asked } = await startEndpoint(t, { rateLimit: { address: { max: 2 } } })
  t.strictSame(await statuses(5, () => post(toolCall('echo'), bearer('bad'))), [401, 401, 429, 429, 429])
  t.equal(asked.length, 2)
})

t.test('H-11 the principal is limited after authentication, whatever its method and session', async t => {
  const { post, openSession, url } = await startEndpoint(t, { rateLimit: { principal: { max: 4 } } })
  const session = await openSession('alice')
  t.strictSame(await statuses(2, () => post(toolCall('echo'), session)), [200, 200])
  t.strictSame(await statuses(1, () => post(toolCall('echo'), { ...session, 'mcp-session-id': 'nobody' })), [404])
  t.strictSame(await statuses(1, () => fetch(url, { headers: { accept: 'text/event-stream', ...session } })), [429])
  const refused = await post(toolCall('echo'), session)
  t.equal(refused.status, 429)
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.match(await refused.json(), { jsonrpc: '2.0', error: { code: -32600, message: /^Too many requests of this caller/ } })
  const [body, headers] = modernCall('echo', 'bob')
  t.equal((await post(body, headers)).status, 200)
})

t.test('H-10 H-11 a tool is limited by message: nothing of a batch runs when one is too many, and the id is answered', async t => {
  const { post, openSession, ran } = await startEndpoint(t, { rateLimit: { tools: { echo: { max: 2 } } } })
  const session = await openSession('alice')
  const smuggled = await post([toolCall('echo', 1), toolCall('talk', 2), toolCall('echo', 3), toolCall('echo', 4)], session)
  t.equal(smuggled.status, 429)
  t.match(await smuggled.json(), { error: { message: /^Too many messages for tool echo: 2 within 60 s/ } })
  t.strictSame(ran, [])
  const single = await post(toolCall('echo', 7), session)
  t.match(await single.json(), { id: 7, error: { code: -32600 } })
  t.match(single.headers.get('retry-after'), /^(5\d|60)$/)
  t.equal((await post(toolCall('talk'), session)).status, 200)
  const [body, headers] = modernCall('echo', 'alice')
  t.equal((await post(body, headers)).status, 429, 'in either era')
  const [other, otherHeaders] = modernCall('echo', 'bob')
  t.equal((await post(other, otherHeaders)).status, 200)
})

t.test('H-11 what counts is the body: a mirrored header names no other tool', async t => {
  const { post } = await startEndpoint(t, { rateLimit: { tools: { echo: { max: 1 } } } })
  const [body, headers] = modernCall('echo', 'alice')
  t.equal((await post(body, headers)).status, 200)
  t.equal((await post(body, { ...headers, 'mcp-name': 'talk' })).status, 400)
  t.equal((await post(body, headers)).status, 429)
})

t.test('H-11 a tool that reports and logs without measure is throttled; its last report and its result arrive', async t => {
  const { post, openSession } = await startEndpoint(t, { notifications: { progress: { timeWindow: '1 hour' }, log: { timeWindow: '1 hour' } } })
  const reply = await post(toolCall('flood'), await openSession('alice'))
  const messages = [...(await reply.text()).matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(String(data)))
  const progress = messages.filter(({ method }) => method === 'notifications/progress').map(({ params }) => params.progress)
  t.strictSame(progress, [...Array.from({ length: 50 }, (_, i) => i + 1), 1000])
  t.equal(messages.filter(({ method }) => method === 'notifications/message').length, 100)
  t.match(messages.at(-1), { id: 1, result: {} })
  t.equal(messages.length, 51 + 100 + 1)
})

t.test('H-12 a streamed call is under way until its stream ends; a client that is gone waits for the application', async t => {
  const { post, release } = await startEndpoint(t, { concurrency: { perCaller: 1 } })
  const [body, headers] = modernCall('wait', 'alice')
  const first = await post(body, headers)
  t.match(first.headers.get('content-type'), 'text/event-stream')
  t.strictSame(await statuses(1, () => post(body, headers)), [429])
  const [other, otherHeaders] = modernCall('echo', 'bob')
  t.equal((await post(other, otherHeaders)).status, 200)
  release()
  await first.text()
  const second = await post(body, headers)
  t.equal(second.status, 200)
  await second.body?.cancel()
  release()
  const [echo, echoHeaders] = modernCall('echo', 'alice')
  for (;;) if ((await statuses(1, () => post(echo, echoHeaders)))[0] === 200) break
})
