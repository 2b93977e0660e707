/** What a client tells another node of a node that is cut off from Redis: it is taken, and reaches that node when it is back. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { Events, openSession, OPENING, post, request } from './lib/raw-client.ts'
import { startNode, type ReferenceNode } from './lib/reference-node.ts'
import { needing } from './lib/settings.ts'
import { TcpProxy } from './lib/tcp-proxy.ts'

/** Longer than a node takes to give up a silent connection, so that what Redis sent on it is lost. */
const CUT_MS = 5_500
/** Until a node that found Redis again has looked after what it missed. */
const BACK_MS = 10_000
/** Longer than all of it. */
const COUNTDOWN = { name: 'countdown', arguments: { seconds: 60 } }

t.test('C-24, D-7: an answer that a node cannot hear is taken for it, and found when it is back', needing('redis'), async t => {
  const { cutOff, other, during } = await twoNodes(t)
  const session = await openSession(cutOff)
  const call = request('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } })
  const stream = new Events(await post(cutOff.url, call, session))
  const question = await stream.next(message => message.method === 'elicitation/create')
  const answer = { jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: { name: 'Ann', email: 'ann@example.org' } } }
  const soon = await during([() => post(other.url, answer, session)])
  t.match(JSON.stringify(await stream.next(message => message.id === 1)), /action=accept.*Ann/)
  soon()
  await stream.close()
})

t.test('A-37, A-58: so is a cancellation: what was cancelled does not run on', needing('redis'), async t => {
  const { cutOff, other, during } = await twoNodes(t)
  const session = await openSession(cutOff)
  const stream = new Events(await post(cutOff.url, request('tools/call', { ...COUNTDOWN, _meta: { progressToken: 1 } }, 7), session))
  await stream.next(message => message.method === 'notifications/progress')
  const soon = await during([() => post(other.url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }, session)])
  t.notMatch((await stream.rest()).join('\n'), /"(result|error)"/, 'it ends without a response')
  soon()
})

t.test('F-9: so are requests of HTTP+SSE, their cancellations too, once each and in order', needing('redis'), async t => {
  const { cutOff, other, during } = await twoNodes(t)
  const stream = new Events(await fetch(new URL('/sse', cutOff.url)))
  const endpoint = new URL(await stream.data(), other.url).href
  await post(endpoint, request('initialize', OPENING))
  await stream.next(message => message.id === 1)
  const sent = [
    request('tools/call', COUNTDOWN, 2), { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } }, request('ping', {}, 3), request('ping', {}, 4)
  ]
  const soon = await during(sent.map(message => () => post(endpoint, message)))
  t.strictSame([JSON.parse(await stream.data()), JSON.parse(await stream.data())].map(({ id }) => id), [3, 4])
  soon()
  await stream.close()
})

interface TwoNodes {
  /** Loses Redis, and finds it again. */
  readonly cutOff: ReferenceNode
  readonly other: ReferenceNode
  /** Says all that while the one node is cut off. Resolves when it is back, with a check that little time passed since. */
  readonly during: (all: ReadonlyArray<() => Promise<Response>>) => Promise<() => void>
}

async function twoNodes (t: Test): Promise<TwoNodes> {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const proxy = await TcpProxy.to(redis.port)
  t.teardown(() => proxy.close())
  const storages = [`redis://127.0.0.1:${proxy.port}`, redis.url]
  const nodes = await Promise.all(storages.map(MCP_STORAGE => startNode({ MCP_STORAGE, MCP_LEGACY_SSE: 'on' })))
  t.teardown(() => Promise.all(nodes.map(node => node.kill())))
  const [cutOff, other] = nodes
  if (cutOff === undefined || other === undefined) throw new Error('there are no nodes')
  const during: TwoNodes['during'] = async all => {
    proxy.cut('silent')
    const began = performance.now()
    for (const say of all) {
      const { status, body } = await say()
      await body?.cancel()
      t.equal(status, 202)
    }
    const opening = await post(cutOff.url, request('initialize', OPENING))
    await opening.body?.cancel()
    t.equal(opening.status, 503, 'it opens no session')
    t.equal(await cutOff.health('healthz'), 200, 'and lives')
    t.ok(performance.now() - began < CUT_MS, 'before it is back')
    await sleep(began + CUT_MS - performance.now())
    proxy.heal()
    const healed = performance.now()
    return () => t.ok(performance.now() - healed < BACK_MS, 'soon after')
  }
  return { cutOff, other, during }
}
