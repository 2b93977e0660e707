/** A client answers a question of a node that is cut off from Redis, and its answer comes in on another node. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject, type JsonObject } from '@mcp/protocol'
import { createParser } from 'eventsource-parser'
import t from 'tap'
import { startRedisServer } from '../../packages/storage-redis/test/redis-server.ts'
import { startNode, type ReferenceNode } from './lib/reference-node.ts'
import { needing } from './lib/settings.ts'
import { TcpProxy } from './lib/tcp-proxy.ts'

/** Longer than a node takes to give up a silent connection, so that what Redis sent on it is lost. */
const CUT_MS = 5_500
/** Until a node that found Redis again has looked after what it missed. */
const BACK_MS = 10_000
const REVISION = '2025-11-25'
const OPENING = { protocolVersion: REVISION, capabilities: { elicitation: {} }, clientInfo: { name: 'answer', version: '1' } }

t.test('C-24, D-7: an answer that a node cannot hear is taken for it, and found when it is back', needing('redis'), async t => {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const proxy = await TcpProxy.to(redis.port)
  t.teardown(() => proxy.close())
  const nodes = await Promise.all([`redis://127.0.0.1:${proxy.port}`, redis.url].map(MCP_STORAGE => startNode({ MCP_STORAGE })))
  t.teardown(() => Promise.all(nodes.map(node => node.kill())))
  const [cutOff, other] = nodes
  if (cutOff === undefined || other === undefined) throw new Error('there are no nodes')

  const opened = await post(cutOff, request('initialize', OPENING))
  await opened.text()
  const session = opened.headers.get('mcp-session-id') ?? ''
  await (await post(cutOff, { jsonrpc: '2.0', method: 'notifications/initialized' }, session)).text()
  const stream = messages(await post(cutOff, request('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } }), session))
  const question = await next(stream, message => message.method === 'elicitation/create')

  proxy.cut('silent')
  const began = performance.now()
  const answer = { jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: { name: 'Ann', email: 'ann@example.org' } } }
  const accepted = await post(other, answer, session)
  await accepted.body?.cancel()
  t.equal(accepted.status, 202)
  t.ok(performance.now() - began < CUT_MS, 'before it is back')
  await sleep(began + CUT_MS - performance.now())
  proxy.heal()

  const healed = performance.now()
  const result = await next(stream, message => message.id === 1)
  t.match(JSON.stringify(result), /action=accept.*Ann/)
  t.ok(performance.now() - healed < BACK_MS, 'soon after')
  // A reply that is not read to its end keeps the process alive.
  await stream.return(undefined)
})

function request (method: string, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id: 1, method, params }
}

function post ({ url }: ReferenceNode, body: JsonObject, session?: string): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  if (session !== undefined) Object.assign(headers, { 'mcp-session-id': session, 'mcp-protocol-version': REVISION })
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function * messages (response: Response): AsyncGenerator<JsonObject> {
  const queue: JsonObject[] = []
  const parser = createParser({
    onEvent ({ data }) {
      const message: unknown = data === '' ? null : JSON.parse(data)
      if (isObject(message)) queue.push(message as JsonObject)
    }
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield * queue.splice(0)
  }
}

async function next (stream: AsyncGenerator<JsonObject>, wanted: (message: JsonObject) => boolean): Promise<JsonObject> {
  for (;;) {
    const { value, done } = await stream.next()
    if (done === true) throw new Error('the stream ended')
    if (wanted(value)) return value
  }
}
