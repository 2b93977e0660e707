import { AutoHttpClient, connectHttp, injectHttp, StreamableHttpClient } from '@mcp/client'
import type { Exchange } from '@mcp/protocol'
import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig } from '@mcp/reference-server/src/config.ts'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t from 'tap'
import { startEndpoint, startReference } from '../interop/lib/apps.ts'
import { AUTO, KINDS, LEGACY, PINNED } from './lib/clients.ts'

const reconnect = { initialMs: 10, maxMs: 200, attempts: 100 }

t.test('I-10, I-23, E-32: official clients over ours, and the reference server', async t => {
  const { app, url } = await startReference(t)
  for (const kind of KINDS) {
    await t.test(kind.name, async t => {
      const peer = await kind.connect(t, new AutoHttpClient(url, { reconnect }))
      t.equal(await peer.call('echo', { text: 'ä€😀' }), 'ä€😀')
      const seen: number[] = []
      await peer.call('burst', { count: 1_000 }, { onprogress: ({ progress }) => { seen.push(progress) } })
      t.strictSame(seen, Array.from({ length: 1_000 }, (_, n) => n + 1), 'not one is lost or overtaken')
      if (kind.era === 'legacy') {
        await peer.call('test_trigger_tool_change')
        await peer.notifications.take('notifications/tools/list_changed')
      }
      const abort = new AbortController()
      const call = peer.call('countdown', { seconds: 30 }, { signal: abort.signal, onprogress: () => abort.abort() })
      await t.rejects(call)
      t.strictSame(peer.errors, [])
    })
  }
  t.ok(app.server.listening)
})

t.test('I-27, E-33: a listen of a modern official client', async t => {
  const { url } = await startReference(t)
  for (const kind of [AUTO, PINNED]) {
    const peer = await kind.connect(t, new StreamableHttpClient(url))
    if (!('listen' in peer.client)) throw new Error('a client that listens')
    const subscription = await peer.client.listen({ toolsListChanged: true })
    await peer.call('test_trigger_tool_change')
    await peer.notifications.take('notifications/tools/list_changed')
    await subscription.close()
    t.equal(await subscription.closed, 'local')
  }
})

t.test('the same without a port, over inject', async t => {
  const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:' }))
  t.teardown(() => app.close())
  for (const kind of KINDS) {
    const peer = await kind.connect(t, new StreamableHttpClient('http://127.0.0.1:3000/mcp', { http: injectHttp(app) }))
    t.equal(await peer.call('echo', { text: kind.name }), kind.name)
    const seen: number[] = []
    await peer.call('burst', { count: 50 }, { onprogress: ({ progress }) => { seen.push(progress) } })
    t.equal(seen.length, 50)
    await peer.client.close()
  }
  const connection = await connectHttp('http://127.0.0.1:3000/mcp', { http: injectHttp(app), verdicts: null })
  t.match(connection, { kind: 'modern', revision: '2026-07-28' })
  const abort = new AbortController()
  const call = connection.request('tools/call', { name: 'countdown', arguments: { seconds: 30 } }, { signal: abort.signal })
  setImmediate(() => abort.abort())
  await t.rejects(call, { code: 'MCP_CLIENT_ABORTED' })
  await connection.close()
})

t.test('I-12, users row 2: a server that was restarted without its sessions', async t => {
  const application = { revisions: ['2025-11-25'], accept: echo } as const
  const first = Fastify({ forceCloseConnections: true })
  await first.register(mcpStreamable, { application, closeTimeoutMs: 100 })
  const url = await first.listen({ host: '127.0.0.1', port: 0 })
  const connection = await connectHttp(`${url}/mcp`, { verdicts: null, reconnect })
  t.teardown(() => connection.close())
  let sessions = 0
  connection.transport.onsession = () => { sessions++ }
  const before = connection.transport.sessionId
  await first.close()
  const waiting = Array.from({ length: 10 }, (_, n) => connection.request('tools/call', { n }))
  const second = Fastify({ forceCloseConnections: true })
  t.teardown(() => second.close())
  await second.register(mcpStreamable, { application })
  await second.listen({ host: '127.0.0.1', port: Number(new URL(url).port) })
  t.strictSame((await Promise.all(waiting)).map(({ n }) => n), Array.from({ length: 10 }, (_, n) => n))
  t.equal(sessions, 1)
  t.not(connection.transport.sessionId, before)
})

t.test('users row 9, C-20: two clients may continue one session; the newer stream takes over without a storm', async t => {
  const { url } = await startReference(t)
  const [kind] = LEGACY
  const peer = await kind?.connect(t, new StreamableHttpClient(url, { reconnect }))
  const { sessionId = '' } = peer?.transport ?? {}
  const second = new StreamableHttpClient(url, { sessionId, protocolVersion: '2025-11-25', reconnect: { ...reconnect, attempts: 3 } })
  t.teardown(() => second.close())
  const answered = new Promise(resolve => { second.onmessage = resolve })
  await second.start()
  await second.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  t.match(await answered, { id: 1, result: {} })
})

t.test('I-7: an endpoint that is not there', async t => {
  const { url } = await startEndpoint(t, { application: echo })
  const attempts = ['server/discover (2026-07-28)', 'Streamable HTTP', 'HTTP+SSE'].map(what => ({ what }))
  t.match(await connectHttp(`${url}/nowhere`, { verdicts: null }).catch((error: unknown) => error), { code: 'MCP_CLIENT_NO_TRANSPORT', attempts })
})

async function echo (exchange: Exchange): Promise<void> {
  const { message } = exchange
  if (!('method' in message) || !('id' in message)) return
  const handshake = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'echo', version: '1' } }
  await exchange.send({ jsonrpc: '2.0', id: message.id, result: message.method === 'initialize' ? handshake : { ...message.params } })
}
