/** The concurrency cap counts what runs, not connections (H-12). */
import t from 'tap'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { bearer, modernCall, startEndpoint, toolCall, type Endpoint } from './lib/endpoint.ts'

/** Starts a call of the tool `wait`, and hangs up when it runs. */
async function hangUp (endpoint: Endpoint, body: unknown, headers: Record<string, string>): Promise<void> {
  const leaver = new AbortController()
  const before = endpoint.ran.length
  const fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
  const call = await fetch(endpoint.url, { method: 'POST', headers: fields, body: JSON.stringify(body), signal: leaver.signal })
  if (call.status !== 200) throw new Error(`not begun: ${call.status}`)
  if (endpoint.ran.length === before) throw new Error('nothing ran')
  const reading = call.text().catch(() => '')
  leaver.abort()
  await reading
}

/** The first status other than 429; calls need a moment to end. */
async function untilFree (ask: () => Promise<Response>): Promise<number> {
  for (;;) {
    const reply = await ask()
    await reply.text()
    if (reply.status !== 429) return reply.status
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

for (const era of ['legacy', 'modern'] as const) {
  t.test(`H-12 ${era}: a call whose client hung up counts until the application has let go of it`, async t => {
    const endpoint = await startEndpoint(t, { concurrency: { perCaller: 2 } })
    const session = await endpoint.openSession('alice')
    const [body, headers] = era === 'modern' ? modernCall('wait', 'alice') : [toolCall('wait'), session]
    await hangUp(endpoint, body, headers)
    await hangUp(endpoint, body, headers)
    const refused = await endpoint.post(toolCall('echo'), session)
    t.equal(refused.status, 429)
    await refused.text()
    t.strictSame(endpoint.ran, ['wait', 'wait'])
    const other = await endpoint.openSession('bob')
    t.equal((await endpoint.post(toolCall('echo'), other)).status, 200, 'others are not concerned')
    endpoint.release()
    t.equal(await untilFree(() => endpoint.post(toolCall('echo'), session)), 200)
  })
}

t.test('H-12 H-11 a batch counts as its number of requests', async t => {
  const endpoint = await startEndpoint(t, { concurrency: { perCaller: 3 }, rateLimit: { principal: { max: 10 } } })
  const session = await endpoint.openSession('alice')
  const batch = (count: number, name = 'echo'): unknown => Array.from({ length: count }, (_, i) => toolCall(name, i + 1))
  const refused = await endpoint.post(batch(4), session)
  t.equal(refused.status, 429)
  t.match(await refused.text(), /batch/)
  t.strictSame(endpoint.ran, [], 'nothing of it ran')
  await hangUp(endpoint, batch(2, 'wait'), session)
  t.equal((await endpoint.post(batch(2), session)).status, 429)
  t.equal((await endpoint.post(toolCall('echo'), session)).status, 200)
  endpoint.release()
  // initialize, three batches' heads, two beyond the head, one call: seven were counted.
  t.equal(await untilFree(() => endpoint.post(batch(3), session)), 200)
})

t.test('H-11 a batch is limited as that many requests of the principal', async t => {
  const endpoint = await startEndpoint(t, { rateLimit: { principal: { max: 5 } } })
  const session = await endpoint.openSession('alice')
  const batch = [1, 2, 3].map(id => toolCall('echo', id))
  t.equal((await endpoint.post(batch, session)).status, 200)
  const refused = await endpoint.post(batch, session)
  t.equal(refused.status, 429)
  t.ok(Number(refused.headers.get('retry-after')) > 0)
  t.equal(endpoint.ran.length, 3)
})

t.test('H-12 calls over HTTP+SSE are counted, though their POST was answered at once', async t => {
  const endpoint = await startEndpoint(t, { concurrency: { perCaller: 2 } }, async app => { await app.register(mcpLegacySse) })
  const leaver = new AbortController()
  t.teardown(() => leaver.abort())
  const stream = await fetch(new URL('/sse', endpoint.url), { headers: { accept: 'text/event-stream', ...bearer('alice') }, signal: leaver.signal })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const seen = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(text)
      if (found !== null) return found[1] ?? ''
      text += (await reader?.read())?.value ?? ''
    }
  }
  const url = new URL(await seen(/data: (\S*sessionId=\S+)\n/), endpoint.url)
  const post = (body: object): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...bearer('alice') }, body: JSON.stringify(body) })
  const params = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params })
  await seen(/(serverInfo)/)
  t.equal((await post(toolCall('wait', 1))).status, 202)
  t.equal((await post(toolCall('wait', 2))).status, 202)
  t.equal((await post(toolCall('echo', 3))).status, 429)
  endpoint.release()
  t.equal(await untilFree(() => post(toolCall('echo', 4))), 202)
})
