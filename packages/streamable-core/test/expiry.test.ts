/** Streams and the credentials they were opened with. The clock is set forward: nothing else expires in a test's time. */
import type { Authentication, Principal } from '@mcp/protocol'
import { mcpStorage, memoryStorage, type Bus } from '@mcp/storage'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { answering, call, initializeRequest, modern, readEvents, signalled, startApp } from './helper.ts'

const SKEW_S = 60

/** A credential that is honoured for `ms` more milliseconds, the skew included. */
function expiringIn (ms: number): (app: FastifyInstance) => void {
  const principal = (): Principal => ({ kind: 'test', issuer: 'i', subject: 's', scopes: [], expiresAt: (Date.now() + ms) / 1000 - SKEW_S })
  return app => { app.decorate('mcpAuth', { authenticate: (): Authentication => ({ kind: 'principal', principal: principal() }) }) }
}

const progress = { jsonrpc: '2.0' as const, method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }

t.test('G-21: a standalone stream ends, and is there for who comes back', async t => {
  const { rpc, url } = await startApp(t, {}, {}, expiringIn(500))
  const opened = await rpc(initializeRequest())
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' }
  const events = readEvents(await fetch(url, { headers: session }))
  const [first, ...more] = await events.rest()
  t.strictSame(more, [])
  const again = await fetch(url, { headers: { ...session, 'last-event-id': first?.id ?? '' } })
  t.equal(again.status, 200)
  await again.body?.cancel()
})

t.test('G-21, C-14: a stream that ends before it said anything leaves an id to come back with', async t => {
  const storage = memoryStorage()
  const gate = signalled()
  const publish: Bus['publish'] = (channel, message) =>
    message.includes('"taken"') ? gate.promise.then(() => storage.bus.publish(channel, message)) : storage.bus.publish(channel, message)
  const bus: Bus = { publish, subscribe: storage.bus.subscribe.bind(storage.bus) }
  const { rpc, url } = await startApp(t, {}, {}, async app => {
    expiringIn(500)(app)
    await app.register(mcpStorage, { storage: { ...storage, bus } })
  })
  const opened = await rpc(initializeRequest())
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' }
  const response = await fetch(url, { headers: session })
  const [first, ...more] = await readEvents(response).rest()
  t.equal(first?.data, '')
  t.strictSame(more, [])
  gate.resolve()
  const again = readEvents(await fetch(url, { headers: { ...session, 'last-event-id': first?.id ?? '' } }))
  t.equal((await again.next())?.data, '')
  await again.cancel()
})

t.test('G-21: the stream of a request ends; the request goes on in a session', async t => {
  const go = signalled()
  const application = answering({
    'tools/call': async exchange => {
      await exchange.send(progress)
      await go.promise
      return { content: [] }
    }
  })
  const { rpc, open, url } = await startApp(t, { application }, {}, expiringIn(500))
  const opened = await rpc(initializeRequest())
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
  const events = await readEvents(await open(call('tools/call', { name: 'x' }), session)).rest()
  t.equal(events.at(-1)?.message.method, 'notifications/progress')
  go.resolve()
  const resumed = await fetch(url, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': events.at(-1)?.id ?? '' } })
  const rest = await readEvents(resumed).rest()
  t.strictSame(rest.at(-1)?.message.result, { content: [] })
})

t.test('G-21: in the modern era the request ends with its stream', async t => {
  const aborted = signalled()
  const application = answering({
    'tools/call': async exchange => {
      exchange.onAbort(() => aborted.resolve())
      await exchange.send(progress)
      return undefined
    }
  })
  const { open } = await startApp(t, { application }, {}, expiringIn(500))
  const events = readEvents(await open(...modern('tools/call', { name: 'x' })))
  t.equal((await events.next())?.message.method, 'notifications/progress')
  t.equal(await events.next(), undefined)
  await aborted.promise
})

t.test('G-21, E-40: a listen ends with its result', async t => {
  const { open } = await startApp(t, {}, {}, expiringIn(500))
  const events = await readEvents(await open(...modern('subscriptions/listen', { notifications: {} }))).rest()
  t.match(events.at(-1)?.message.result, { resultType: 'complete' })
})

/** Somebody whose credential is worth what the test says. */
function judging (verdict: () => Authentication | Promise<Authentication>): (app: FastifyInstance) => void {
  return app => { app.decorate('mcpAuth', { authenticate: verdict }) }
}

const somebody = { kind: 'principal', principal: { kind: 'test', issuer: 'i', subject: 's', scopes: [] } } as const
const refused = (status: number): Authentication =>
  ({ kind: 'refused', rung: 'token', status, id: undefined, code: -32600, message: 'Unauthorized' })
const ENDS: Record<string, () => Authentication | Promise<Authentication>> = {
  revoked: () => refused(401),
  'revoked, which is known later': async () => refused(401),
  'another caller': () => ({ ...somebody, principal: { ...somebody.principal, subject: 'other' } }),
  'a fault': () => Promise.reject(new Error('broken'))
}

for (const [what, verdict] of Object.entries(ENDS)) {
  t.test(`G-21 E-40: streams of every kind end when their credential is worth nothing any more: ${what}`, async t => {
    let now = (): Authentication | Promise<Authentication> => somebody
    const go = signalled()
    t.teardown(() => go.resolve())
    const application = answering({ 'tools/call': async exchange => { await exchange.send(progress); await go.promise; return {} } })
    const { rpc, open, url, logs } = await startApp(t, { application, credentialCheckMs: 20 }, {}, judging(() => now()))
    const opened = await rpc(initializeRequest())
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '', accept: 'text/event-stream' }
    const streams = [
      await fetch(url, { headers: session }), await open(call('tools/call', { name: 'x' }), session),
      await open(...modern('tools/call', { name: 'x' })), await open(...modern('subscriptions/listen', { notifications: {} }))
    ].map(readEvents)
    for (const stream of streams) t.ok(await stream.next())
    now = verdict
    const [, , , listened] = await Promise.all(streams.map(stream => stream.rest()))
    t.match(listened?.at(-1)?.message.result, { resultType: 'complete' })
    t.equal(logs.filter(({ msg, reason }) => msg === 'stream ended' && reason === 'the credential is worth nothing any more').length, 4)
  })
}

t.test('G-19 G-21: while nobody can tell what a credential is worth, its streams stay', async t => {
  const asked: Authentication[] = []
  let now: Authentication = somebody
  const { open } = await startApp(t, { credentialCheckMs: 10 }, {}, judging(async () => { asked.push(now); return now }))
  const events = readEvents(await open(...modern('subscriptions/listen', { notifications: {} })))
  t.ok(await events.next())
  now = refused(503)
  while (asked.filter(({ kind }) => kind === 'refused').length < 3) await new Promise(resolve => setTimeout(resolve, 5))
  now = refused(401)
  t.match((await events.rest()).at(-1)?.message.result, { resultType: 'complete' }, 'only now')
})
