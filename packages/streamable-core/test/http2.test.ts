/** The endpoint on HTTP/2: `Fastify({ http2: true })`, with prior knowledge (h2c) and over TLS. */
import { once } from 'node:events'
import { constants } from 'node:http2'
import { get } from 'node:https'
import t from 'tap'
import { answering, call, modern, rawConnection, type Answer } from './helper.ts'
import { startHttp2, type Binding } from './http2-client.ts'
import { answer, progress, puppet } from './session-client.ts'

/** Far below any timeout of Node or Fastify, far above what a busy machine needs. */
const SOON_MS = 5_000

const application = answering({
  'test/url': async exchange => ({ url: exchange.request?.url ?? '' }),
  'test/talk': async exchange => {
    await progress(exchange, 1)
    return { done: true }
  }
})

for (const binding of ['h2c', 'TLS'] satisfies Binding[]) {
  t.test(`${binding}: both eras are served, as JSON and as streams`, async t => {
    const server = await startHttp2(t, binding, { application })
    t.match(await server.rpc(...modern('test/url')), { status: 200, message: { result: { url: `${server.origin}/mcp` } } })
    const session = await server.initialize()
    t.match(await server.rpc(call('ping'), session), { status: 200, message: { result: {} } })
    for (const streamed of [await server.rpc(...modern('test/talk')), await server.rpc(call('test/talk'), session)]) {
      t.equal(streamed.headers.get('content-type'), 'text/event-stream')
      t.equal(streamed.headers.get('connection'), null, 'HTTP/2 has no such header')
      t.match(streamed.messages, [{ method: 'notifications/progress' }, { result: { done: true } }])
    }
    t.equal((await server.send('DELETE', session)).status, 204)
    t.match(await server.rpc(call('ping'), session), { status: 404 })
  })

  t.test(`${binding}: rejections arrive: B-1, A-28, A-31, A-32, A-38`, async t => {
    const server = await startHttp2(t, binding, { application, limits: { bodyBytes: 1024 } })
    const rejected = async (headers: Record<string, string>, body: string): Promise<number> => (await server.send('POST', headers, body)).status
    t.equal(await rejected({ ':authority': 'evil.example' }, '{}'), 403)
    t.equal(await rejected({ ':authority': 'localhost', host: 'evil.example' }, '{}'), 400)
    t.equal(await rejected({ origin: 'https://evil.example' }, '{}'), 403)
    t.equal(await rejected({ 'content-type': 'text/plain' }, '{}'), 415)
    t.equal(await rejected({}, '{'), 400)
    t.equal(await rejected({}, JSON.stringify({ long: 'x'.repeat(2048) })), 413)
    t.equal((await server.send('PUT', {})).status, 405)
    const same = await server.send('POST', { ':authority': 'LOCALHOST', host: 'localhost', ...modern('test/url')[1] }, JSON.stringify(modern('test/url')[0]))
    t.equal(same.status, 200, 'both headers may be there when they agree')
  })

  t.test(`${binding}: C-24, C-27: a stream that was cut is resumed where the client lost it`, async t => {
    const { application, requests } = puppet()
    const server = await startHttp2(t, binding, { application })
    const session = await server.initialize()
    const opened = server.send('POST', session, JSON.stringify(call('test/long')))
    const asked = await requests.next()
    await progress(asked, 1)
    const cut = await opened
    const text = await cut.until(received => received.includes('"progress":1'))
    cut.stream.close(constants.NGHTTP2_CANCEL)
    await cut.closed()
    await progress(asked, 2)
    await answer(asked, { done: true })
    const id = [...text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? ''
    const resumed = await server.send('GET', { ...session, 'last-event-id': id })
    t.equal(resumed.status, 200)
    const rest = await resumed.until(() => false)
    t.match(rest, /"progress":2[^]*"done":true/)
    t.notMatch(rest, /"progress":1/)
  })

  t.test(`${binding}: C-34: a modern request is cancelled when its stream is reset, before and after the first byte`, async t => {
    const { application, requests } = puppet()
    const server = await startHttp2(t, binding, { application })
    const [body, headers] = modern('test/long')
    for (const speaks of [false, true]) {
      const stream = server.client.request({ ':method': 'POST', ':path': '/mcp', 'content-type': 'application/json', ...headers })
      stream.on('error', () => {})
      stream.end(JSON.stringify(body))
      const asked = await requests.next()
      if (speaks) {
        const responded = once(stream, 'response')
        await progress(asked, 1)
        await responded
      }
      const aborted = once(asked.signal, 'abort')
      stream.close(constants.NGHTTP2_CANCEL)
      await aborted
      await answer(asked, {})
    }
    t.match(await server.rpc(...modern('server/discover')), { status: 200 }, 'the connection serves on')
  })

  t.test(`${binding}: C-6: a reader that takes nothing is cut off with an error, not with an end`, async t => {
    const { application, requests } = puppet()
    const server = await startHttp2(t, binding, { application, keepAliveMs: 30, limits: { stallMs: 60 } })
    const [body, headers] = modern('test/long')
    const stream = server.client.request({ ':method': 'POST', ':path': '/mcp', accept: 'text/event-stream', 'content-type': 'application/json', ...headers })
    stream.on('error', () => {})
    stream.end(JSON.stringify(body))
    const asked = await requests.next()
    const aborted = once(asked.signal, 'abort')
    // Nobody reads, so the flow control window of the stream fills.
    const text = 'x'.repeat(100_000)
    const sent = [1, 2, 3, 4, 5, 6, 7, 8].map(n => progress(asked, n, { text }))
    await Promise.all([aborted, ...sent])
    if (!stream.closed) {
      stream.resume()
      await new Promise(resolve => stream.once('close', resolve))
    }
    t.not(stream.rstCode, constants.NGHTTP2_NO_ERROR)
  })

  t.test(`${binding}: users row 23: close() ends idle sessions and streams at once, and lets what runs finish`, async t => {
    const { application, requests } = puppet()
    const server = await startHttp2(t, binding, { application, closeTimeoutMs: 60_000, retryMs: 4321 })
    const session = await server.initialize()
    const idle = server.connect()
    await once(idle, 'connect')
    const listening = await server.send('GET', session)
    const waiting = server.rpc(call('test/long'), session)
    const asked = await requests.next()
    const since = performance.now()
    const closed = server.app.close()
    if (!idle.closed) await once(idle, 'close')
    t.match(await listening.until(() => false), /retry: 4321\n\n$/)
    t.equal(await listening.closed(), 0, 'in order')
    await answer(asked, { done: true })
    t.match((await waiting).message, { result: { done: true } })
    await closed
    t.ok(performance.now() - since < SOON_MS)
  })

  t.test(`${binding}: past the deadline close() ends sessions that hold on, and nothing is thrown`, async t => {
    const { application, requests } = puppet()
    const server = await startHttp2(t, binding, { application, closeTimeoutMs: 50 })
    const session = await server.initialize()
    // A stream whose request never ends is the client's own.
    const unfinished = server.client.request({ ':method': 'POST', ':path': '/mcp', 'content-type': 'application/json', ...session })
    unfinished.on('error', () => {})
    unfinished.write('{"jsonrpc"')
    const silent = await rawConnection(t, server.port)
    const waiting: Promise<Answer | null> = server.rpc(call('test/long'), session).catch(() => null)
    const asked = await requests.next()
    const since = performance.now()
    await server.app.close()
    t.ok(performance.now() - since < SOON_MS)
    t.ok(asked.signal.aborted)
    await silent.closed()
    const told = await waiting
    t.match(told?.message, { error: { code: -32603 } })
  })
}

t.test('TLS: HTTP/1.1 clients are served on the same port', async t => {
  const server = await startHttp2(t, 'TLS', { application })
  const reply = await new Promise<number | undefined>((resolve, reject) => {
    get(`${server.origin}/mcp`, { ca: server.cert, headers: { accept: 'text/event-stream' } }, response => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
  t.equal(reply, 400, 'the session header is missing, as told over HTTP/1.1')
})
