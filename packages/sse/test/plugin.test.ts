import { createGzip, gunzipSync } from 'node:zlib'
import type { Readable } from 'node:stream'
import cors from '@fastify/cors'
import Fastify from 'fastify'
import t from 'tap'
import plugin, { mcpSse, messageFrame } from '../src/index.ts'
import { build, listen, read, streamRoute, until, type Handler } from './helper.ts'

const oneEvent: Handler = connection => connection.end(messageFrame('{"n":1}'))

t.test('C-1 C-2: the headers of a streamed reply', async t => {
  const reader = await read(t, await listen(await build(t, {}, oneEvent)))
  t.equal(await reader.over, 'ended')
  t.equal(reader.text(), ':\n\ndata: {"n":1}\n\n')
  t.match(reader.headers, {
    'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no', 'transfer-encoding': 'chunked'
  })
})

t.test('C-6: headers and first bytes leave before the first event', async t => {
  const reader = await read(t, await listen(await build(t, {}, () => {})))
  t.equal(reader.response.statusCode, 200)
  reader.leave()
})

t.test('C-2: hooks run and headers set by other plugins are there', async t => {
  const app = await build(t, {}, oneEvent)
  await app.register(cors, { origin: 'https://ui.example', exposedHeaders: ['mcp-session-id'] })
  const seen: string[] = []
  app.addHook('onRequest', async (_request, reply) => { reply.header('x-early', 'yes') })
  app.addHook('onSend', async (_request, reply, payload) => {
    seen.push('onSend')
    reply.header('x-late', 'yes')
    return payload
  })
  app.addHook('onResponse', async () => { seen.push('onResponse') })
  const reader = await read(t, await listen(app), { origin: 'https://ui.example' })
  await reader.over
  t.match(reader.headers, {
    'access-control-allow-origin': 'https://ui.example', 'access-control-expose-headers': 'mcp-session-id', 'x-early': 'yes', 'x-late': 'yes'
  })
  await app.close()
  t.same(seen, ['onSend', 'onResponse'])
})

t.test('a hook may take its time, and nothing written meanwhile is lost', async t => {
  const app = await build(t, {}, connection => {
    for (let n = 1; n <= 3; n++) connection.write(messageFrame(String(n)))
    connection.end(messageFrame('4'))
  })
  app.addHook('onSend', async (_request, _reply, payload) => {
    await new Promise(resolve => setTimeout(resolve, 20))
    return payload
  })
  const reader = await read(t, await listen(app))
  await reader.over
  t.equal(reader.text(), ':\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n')
})

t.test('a hook may put a stream of its own between', async t => {
  const app = await build(t, {}, oneEvent)
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('content-encoding', 'gzip')
    return (payload as Readable).pipe(createGzip())
  })
  const { rawPayload } = await app.inject('/stream')
  t.equal(gunzipSync(rawPayload).toString(), ':\n\ndata: {"n":1}\n\n')
})

t.test('app.inject takes a finite stream, a large one too', async t => {
  const app = await build(t, {}, connection => {
    let sent = 0
    const more = () => {
      while (!connection.full && sent < 5000) connection.write(messageFrame(`{"n":${++sent}}`))
      if (sent === 5000) connection.end(messageFrame('{"last":true}'))
      else connection.onDrain(more)
    }
    more()
  })
  const { statusCode, payload } = await app.inject('/stream')
  t.equal(statusCode, 200)
  t.equal(payload.match(/data: /g)?.length, 5001)
  t.match(payload, /data: {"last":true}\n\n$/)
})

t.test('a reply that was sent cannot become a stream', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSse)
  app.get('/', (_request, reply) => {
    reply.send('done')
    t.throws(() => reply.mcpStream(), { code: 'MCP_SSE_REPLY_SENT', message: /already sent/ })
    return reply
  })
  t.equal((await app.inject('/')).payload, 'done')
})

t.test('a second registration in one scope is refused', async t => {
  const app = await build(t, {}, oneEvent)
  await t.rejects(async () => app.register(mcpSse), { code: 'MCP_SSE_ALREADY_REGISTERED', message: /register it once/ })
  t.equal(plugin, mcpSse)
})

t.test('two scopes have options of their own', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const [prefix, keepAliveMs] of [['/quick', 30], ['/quiet', 300_000]] as const) {
    await app.register(async scope => {
      await scope.register(mcpSse, { keepAliveMs })
      streamRoute(scope, () => {})
    }, { prefix })
  }
  const url = await listen(app)
  const [quick, quiet] = [await read(t, url.replace('/stream', '/quick/stream')), await read(t, url.replace('/stream', '/quiet/stream'))]
  await until(() => quick.text().length >= 15, 'five comments came')
  t.equal(quiet.text(), ':\n\n')
})

t.test('a scope sees the stream of its parent, and may have one of its own', async t => {
  const app = await build(t, {}, oneEvent)
  await app.register(async scope => streamRoute(scope, oneEvent), { prefix: '/seen' })
  await app.register(async scope => {
    await scope.register(mcpSse, { keepAliveMs: 10 })
    streamRoute(scope, oneEvent)
  }, { prefix: '/own' })
  for (const path of ['/stream', '/seen/stream', '/own/stream']) t.match((await app.inject(path)).payload, /data: {"n":1}/, path)
})
