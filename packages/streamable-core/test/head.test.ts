import t, { type Test } from 'tap'
import { answering, BOTH, call, MODERN, modern, rawConnection, rawRequest, readAnswer, startApp, type TestApp } from './helper.ts'

const JSON_FIELD = 'Content-Type: application/json'
const PING = JSON.stringify(call('ping'))

/** Status, head (in lower case) and body of a request with exactly these headers. */
async function sent (
  t: Test, { port }: TestApp, method: string, headers: readonly string[], body = ''
): Promise<{ status: number, head: string, body: string }> {
  const connection = await rawConnection(t, port, rawRequest(method, headers, body))
  const text = await connection.until(received => received.endsWith('\r\n0\r\n\r\n'))
  const end = text.indexOf('\r\n\r\n')
  return { status: Number(text.slice(9, 12)), head: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) }
}

t.test('A-23, A-24: POST, GET and DELETE live on one path, also with a slash behind it', async t => {
  const server = await startApp(t)
  const session = await server.initialize()
  t.equal((await server.rpc(call('ping'), session)).status, 200)
  const slashed = await fetch(server.url + '/', { method: 'POST', headers: { ...session, 'content-type': 'application/json' }, body: PING })
  t.strictSame(await slashed.json(), { jsonrpc: '2.0', id: 1, result: {} })
  const stream = await fetch(server.url, { headers: { ...session, accept: 'text/event-stream' } })
  t.equal(stream.headers.get('content-type'), 'text/event-stream')
  await stream.body?.cancel()
  t.equal((await fetch(server.url, { method: 'DELETE', headers: session })).status, 204)
})

for (const method of ['HEAD', 'PUT', 'PATCH', 'TRACE']) {
  t.test(`A-28, B-2, E-27: ${method} is 405 and names the methods that are served`, async t => {
    const body = method === 'PUT' || method === 'PATCH' ? PING : ''
    const stateful = await sent(t, await startApp(t), method, body === '' ? [] : [JSON_FIELD], body)
    t.equal(stateful.status, 405)
    t.match(stateful.head, /\r\nallow: get, post, delete(\r\n|$)/)
    const sessionless = await sent(t, await startApp(t, { sessions: false }), method, body === '' ? [] : [JSON_FIELD], body)
    t.equal(sessionless.status, 405)
    t.match(sessionless.head, /\r\nallow: post(\r\n|$)/)
    if (method !== 'HEAD') t.match(JSON.parse(sessionless.body), { jsonrpc: '2.0', error: { code: -32600 } })
  })
}

t.test('A-28: OPTIONS is answered without a body, whoever asks', async t => {
  const server = await startApp(t)
  const answer = await sent(t, server, 'OPTIONS', ['Origin: https://elsewhere.example', 'Access-Control-Request-Method: POST'])
  t.equal(answer.status, 204)
  t.match(answer.head, /\r\nallow: get, post, delete, options(\r\n|$)/)
  t.equal(answer.body, '')
})

t.test('A-25, A-27: without sessions GET and DELETE are 405 with Allow', async t => {
  const { url } = await startApp(t, { sessions: false })
  for (const method of ['GET', 'DELETE']) {
    const response = await fetch(url, { method, headers: { accept: 'text/event-stream', 'mcp-session-id': 'made-up' } })
    t.equal(response.status, 405)
    t.equal(response.headers.get('allow'), 'POST')
  }
})

t.test('A-26: where only the modern era is served, GET and DELETE are 405 with Allow', async t => {
  const { url } = await startApp(t, { revisions: [MODERN] })
  for (const method of ['GET', 'DELETE']) {
    const response = await fetch(url, { method, headers: { accept: 'text/event-stream' } })
    t.equal(response.status, 405)
    t.equal(response.headers.get('allow'), 'POST')
    t.match(await response.json(), { jsonrpc: '2.0', error: { code: -32600, message: /GET|DELETE/ } })
  }
})

t.test('B-4: GET and DELETE with a modern header are 405, even with a live session', async t => {
  const { url, initialize } = await startApp(t)
  const session = await initialize()
  for (const version of [MODERN, 'v999']) {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(url, { method, headers: { ...session, accept: 'text/event-stream', 'mcp-protocol-version': version } })
      t.equal(response.status, 405, `${method} ${version}`)
      t.equal(response.headers.get('allow'), 'POST')
      await response.body?.cancel()
    }
  }
})

t.test('A-30: Accept is read with leniency', async t => {
  const server = await startApp(t)
  const session = Object.entries(await server.initialize()).map(([name, value]) => `${name}: ${value}`)
  const status = async (accept: string | null, method = 'POST'): Promise<number> => {
    const headers = [...session, JSON_FIELD, ...(accept === null ? [] : [`Accept: ${accept}`])]
    return (await sent(t, server, method, headers, method === 'POST' ? PING : '')).status
  }
  for (const accept of [null, '', '*/*', 'application/*, text/*', 'APPLICATION/JSON', 'text/event-stream;q=0.1', 'text/html, */*;q=0.1', BOTH]) {
    t.equal(await status(accept), 200, `${accept} is served`)
  }
  for (const accept of ['text/html', 'application/json;q=0', 'image/*', '*/*;q=0', 'application/json;q=0, text/event-stream;q=0']) {
    t.equal(await status(accept), 406, `${accept} is not`)
  }
  for (const accept of ['application/json', 'text/html', 'text/event-stream;q=0', '*/*, text/event-stream;q=0']) {
    t.equal(await status(accept, 'GET'), 406, `GET ${accept} is not`)
  }
})

t.test('A-30, A-34: a client that takes one reply type gets that one', async t => {
  const application = answering({
    'test/noisy': async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'hello' } })
      return { done: true }
    }
  })
  const { rpc, open, initialize } = await startApp(t, { application })
  const session = await initialize('2025-06-18')

  const json = await rpc(call('test/noisy'), { ...session, accept: 'application/json' })
  t.match(json.headers.get('content-type'), /^application\/json(;|$)/)
  t.strictSame(json.message, { jsonrpc: '2.0', id: 1, result: { done: true } }, 'what JSON cannot carry is left out')

  const quiet = await open(call('ping'), { ...session, accept: 'text/event-stream' })
  t.equal(quiet.headers.get('content-type'), 'text/event-stream')
  t.strictSame((await readAnswer(quiet)).messages, [{ jsonrpc: '2.0', id: 1, result: {} }])

  const both = await rpc(call('test/noisy'), session)
  t.equal(both.headers.get('content-type'), 'text/event-stream', 'a notification first makes it a stream')
  t.equal(both.messages.length, 2)
})

t.test('A-30: strictAccept wants both types named', async t => {
  const { rpc } = await startApp(t, { strictAccept: true })
  t.equal((await rpc(...modern('server/discover'))).status, 200)
  for (const accept of ['*/*', 'application/json', 'text/event-stream']) {
    const refused = await rpc(...modern('server/discover', {}, { accept }))
    t.equal(refused.status, 406, accept)
    t.equal(refused.message.error?.code, -32600)
  }
})

t.test('A-31: a POST that is not application/json is 415', async t => {
  const server = await startApp(t)
  const session = Object.entries(await server.initialize()).map(([name, value]) => `${name}: ${value}`)
  const status = async (...types: string[]): Promise<number> => {
    return (await sent(t, server, 'POST', [...session, ...types.map(type => `Content-Type: ${type}`)], PING)).status
  }
  t.equal(await status('Application/JSON; charset=UTF-8'), 200, 'parameters and case do not matter')
  t.equal(await status(), 415, 'missing')
  for (const type of ['text/plain', 'text/plain; x=application/json', 'application/json, text/plain', 'application/jsonp', 'application/json-seq', '']) {
    t.equal(await status(type), 415, type)
  }
  t.equal(await status('application/json', 'text/plain'), 400, 'of two fields nobody can say which counts')
  t.equal(await status('text/plain', 'application/json'), 400, 'nor when they come the other way round')
})

t.test('A-33: an encoded body is 415, whatever is in it', async t => {
  const { rpc, initialize } = await startApp(t)
  const session = await initialize()
  for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
    const answer = await rpc(call('ping'), { ...session, 'content-encoding': coding })
    t.equal(answer.status, 415, coding)
    t.match(answer.message.error, { code: -32600, message: /Content-Encoding/ })
  }
  t.equal((await rpc(call('ping'), { ...session, 'content-encoding': 'identity' })).status, 200)
})

t.test('B-5: media type before Accept before size before syntax', async t => {
  const server = await startApp(t, { limits: { bodyBytes: 1000 } })
  const large = 'x'.repeat(2000)
  t.equal((await sent(t, server, 'POST', ['Content-Type: text/plain', 'Accept: text/html'], large)).status, 415)
  t.equal((await sent(t, server, 'POST', [JSON_FIELD, 'Accept: text/html'], large)).status, 406)
  t.equal((await sent(t, server, 'POST', [JSON_FIELD], large)).status, 413)
  const broken = await sent(t, server, 'POST', [JSON_FIELD], '{')
  t.equal(broken.status, 400)
  t.match(JSON.parse(broken.body), { error: { code: -32700 } })
})

t.test('A-44: answers tell caches not to keep them', async t => {
  const { rpc, url, initialize } = await startApp(t)
  const session = await initialize()
  t.equal((await rpc(call('ping'), session)).headers.get('cache-control'), 'no-store')
  t.equal((await rpc('{')).headers.get('cache-control'), 'no-store')
  t.equal((await rpc(...modern('server/discover'))).headers.get('cache-control'), 'no-store')
  t.equal((await rpc(call('ping'), { ...session, accept: 'text/event-stream' })).headers.get('cache-control'), 'no-cache, no-transform')
  const gone = await fetch(url, { method: 'DELETE', headers: { 'mcp-session-id': 'unknown' } })
  t.equal(gone.headers.get('cache-control'), 'no-store')
  await gone.body?.cancel()
})

t.test('A-27: a DELETE that names a type, with whatever body, ends its session all the same', async t => {
  const { url, initialize } = await startApp(t)
  for (const body of [undefined, '', '{', '{"a":1}']) {
    const session = await initialize()
    const headers = { ...session, 'content-type': 'application/json' }
    const init = { method: 'DELETE', headers, ...(body === undefined ? {} : { body }) }
    t.equal((await fetch(url, init)).status, 204, `body ${JSON.stringify(body)}`)
  }
})
