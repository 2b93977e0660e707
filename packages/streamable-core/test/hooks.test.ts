import t from 'tap'
import { Transform, type Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { answering, BOTH, call, initializeRequest, modern, readEvents, signalled, startApp, type TestApp } from './helper.ts'
import { get, progress, Queue, remove } from './session-client.ts'

const ORIGIN = 'http://localhost:5173'

const application = answering({
  work: async exchange => {
    await progress(exchange, 1)
    return { done: true }
  },
  plain: () => ({ done: true }),
  'tools/list': () => ({ tools: [] })
})

/** One reply of each kind, to be read to its end or given up. */
async function replies (node: TestApp, headers = {}): Promise<Record<string, Response>> {
  const session = { ...await node.initialize(), ...headers }
  const [message, fields] = modern('work')
  return {
    json: await node.open(call('plain'), session),
    stream: await node.open(call('work'), session),
    standalone: await get(node, session),
    modern: await node.open(message, { ...fields, ...headers }),
    refusal: await get(node, { 'mcp-session-id': 'nobody', ...headers }),
    accepted: await node.open({ jsonrpc: '2.0', method: 'notifications/x' }, session)
  }
}

t.test('users row 21: the headers of @fastify/cors and @fastify/cookie are on every reply, streamed or not', async t => {
  const node = await startApp(t, { application, allowedOrigins: [ORIGIN] }, {}, async app => {
    await app.register(cookie)
    await app.register(cors, { origin: ORIGIN, credentials: true, exposedHeaders: ['Mcp-Session-Id'] })
    app.addHook('onRequest', async (_request, reply) => { reply.setCookie('seen', 'yes', { path: '/' }) })
  })
  for (const [kind, response] of Object.entries(await replies(node, { origin: ORIGIN }))) {
    t.equal(response.headers.get('access-control-allow-origin'), ORIGIN, kind)
    t.equal(response.headers.get('access-control-allow-credentials'), 'true', kind)
    t.match(response.headers.get('access-control-expose-headers'), 'Mcp-Session-Id', kind)
    t.match(response.headers.get('set-cookie'), 'seen=yes', kind)
    await response.body?.cancel()
  }
  const preflight = await fetch(node.url, {
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-protocol-version,content-type' }
  })
  t.equal(preflight.status, 204)
  t.match(preflight.headers.get('access-control-allow-headers'), /mcp-protocol-version/i)
})

t.test('users row 21: hooks run on streamed replies: onRequest, preHandler, onSend once, onResponse at the end', async t => {
  const seen = new Queue<string[]>()
  const node = await startApp(t, { application }, {}, async app => {
    const ran = new WeakMap<object, string[]>()
    const note = (request: object, hook: string): string[] => {
      const hooks = [...ran.get(request) ?? [], hook]
      ran.set(request, hooks)
      return hooks
    }
    app.addHook('onRequest', async request => { note(request, 'onRequest') })
    app.addHook('preHandler', async request => { note(request, 'preHandler') })
    app.addHook('onSend', async (request, reply, payload) => {
      note(request, 'onSend')
      reply.header('x-hook', 'ran')
      return payload
    })
    app.addHook('onResponse', async request => { seen.push(note(request, 'onResponse')) })
  })
  const session = await node.initialize()
  await seen.next()
  await seen.next()
  for (const body of [call('work'), call('plain'), { jsonrpc: '2.0', method: 'notifications/x' }]) {
    const response = await node.open(body, session)
    t.equal(response.headers.get('x-hook'), 'ran')
    await response.text()
    t.strictSame(await seen.next(), ['onRequest', 'preHandler', 'onSend', 'onResponse'])
  }
  const standalone = await get(node, session)
  t.equal(standalone.headers.get('x-hook'), 'ran')
  await remove(node, session)
  await standalone.text()
  for (const kind of ['GET', 'DELETE']) t.strictSame(await seen.next(), ['onRequest', 'preHandler', 'onSend', 'onResponse'], kind)
})

t.test('users row 21: a hook may send a stream through one of its own', async t => {
  const node = await startApp(t, { application }, {}, async app => {
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.headers['accept-encoding'] !== 'gzip' || typeof payload === 'string') return payload
      reply.header('content-encoding', 'gzip')
      return (payload as Readable).pipe(createGzip())
    })
    app.addHook('onSend', async (request, _reply, payload) => {
      if (request.headers['x-shout'] === undefined || typeof payload === 'string') return payload
      const shout = new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) })
      return (payload as Readable).pipe(shout)
    })
  })
  const session = await node.initialize()
  const loud = await node.open(call('work'), { ...session, 'x-shout': 'yes' })
  t.match(await loud.text(), /"RESULT":\{"DONE":TRUE\}/)

  const done = signalled<string>()
  const { request } = await import('node:http')
  const fields = { ...session, accept: BOTH, 'content-type': 'application/json', 'accept-encoding': 'gzip' }
  request(node.url, { method: 'POST', headers: fields }, response => {
    let text = ''
    response.pipe(createGunzip()).on('data', chunk => { text += chunk }).on('end', () => done.resolve(text))
  }).end(JSON.stringify(call('work')))
  t.match(await done.promise, /"result":\{"done":true\}/)
})

t.test('users row 21: a hook that fails answers with its own status, before and not after the stream began', async t => {
  const node = await startApp(t, { application }, {}, async (app: FastifyInstance) => {
    app.addHook('preHandler', async request => {
      if (request.headers['x-tired'] !== undefined) throw Object.assign(new Error('come back later'), { statusCode: 418 })
    })
  })
  const session = await node.initialize()
  const { status, message } = await node.rpc(call('work'), { ...session, 'x-tired': 'yes' })
  t.equal(status, 418)
  t.match(message, { jsonrpc: '2.0', error: { code: -32600, message: 'come back later' } })
  t.equal((await node.rpc(call('work'), session)).status, 200)
})

t.test('users row 21: app.inject works for JSON replies and for finite streams', async t => {
  const { app } = await startApp(t, { application })
  const inject = (payload: object, headers = {}) => app.inject({ method: 'POST', url: '/mcp', headers: { accept: BOTH, ...headers }, payload })
  const opened = await inject(initializeRequest())
  t.equal(opened.statusCode, 200)
  const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) }
  t.strictSame((await inject(call('plain'), session)).json().result, { done: true })
  const streamed = await inject(call('work'), session)
  t.equal(streamed.headers['content-type'], 'text/event-stream')
  const events = await readEvents(new Response(streamed.body)).rest()
  t.strictSame(events.at(-1)?.message.result, { done: true })
  t.equal((await inject({ jsonrpc: '2.0', method: 'notifications/x' }, session)).statusCode, 202)
  t.equal((await app.inject({ method: 'DELETE', url: '/mcp', headers: session })).statusCode, 204)
})

t.test('D-13: request.mcpSession is there for hooks and never before it is known', async t => {
  const seen = new Queue<unknown>()
  const node = await startApp(t, { application }, {}, async app => {
    app.addHook('onResponse', async request => seen.push(request.mcpSession?.id ?? null))
  })
  const session = await node.initialize()
  t.strictSame([await seen.next(), await seen.next()], [session['mcp-session-id'], session['mcp-session-id']])
  await node.rpc(call('plain'), { 'mcp-session-id': 'nobody' })
  t.equal(await seen.next(), null)
  await node.rpc(...modern('tools/list'))
  t.equal(await seen.next(), null)
})
