import { AutoHttpClient, connectHttp, StreamableHttpClient } from '@mcp/client'
import t from 'tap'
import { AUTO, KINDS, LEGACY, PINNED, type Connected } from './lib/clients.ts'
import { fastifyMcp, fastifyMcpSse, v1Sessions, v1Sse, v2Handler, v2Sessions, v2Sse, type Foreign } from './lib/servers.ts'
import type { Test } from 'tap'

async function calls (t: Test, peer: Connected): Promise<void> {
  t.equal(await peer.call('echo', { text: 'ä€😀' }), 'ä€😀')
  const { tools } = await peer.client.listTools()
  t.ok(tools.length >= 4)
  const many = Array.from({ length: 20 }, (_, n) => String(n))
  t.strictSame(await Promise.all(many.map(text => peer.call('echo', { text }))), many, 'side by side')
  const seen: number[] = []
  t.equal(await peer.call('steps', { count: 10 }, { onprogress: ({ progress }) => { seen.push(progress) } }), '10 steps')
  t.strictSame(seen, Array.from({ length: 10 }, (_, n) => n + 1))
}

async function cancels (t: Test, peer: Connected, { probe }: Foreign, key: string): Promise<void> {
  const abort = new AbortController()
  const call = peer.call('hang', { key }, { signal: abort.signal })
  const failed = t.rejects(call)
  await probe.saw(`started ${key}`)
  abort.abort()
  await failed
  t.ok(await probe.saw(`aborted ${key}`), 'and the handler heard of it')
}

for (const [name, start] of [['SDK 2.x sessions', v2Sessions], ['SDK 1.x sessions', v1Sessions], ['fastify-mcp', fastifyMcp]] as const) {
  t.test(`I-10, I-11, I-17, I-18: ${name}`, async t => {
    const server = await start(t)
    for (const kind of [...LEGACY, AUTO]) {
      for (const Transport of [StreamableHttpClient, AutoHttpClient]) {
        await t.test(`${kind.name} over ${Transport.name}`, async t => {
          const peer = await kind.connect(t, new Transport(server.url))
          t.ok(peer.transport.sessionId)
          await calls(t, peer)
          t.equal(await peer.call('roots'), 'file:///work', 'it asks for the roots')
          await cancels(t, peer, server, `${kind.name} ${Transport.name}`)
          await peer.call('grow').catch(() => {})
          await peer.notifications.take('notifications/tools/list_changed')
          t.strictSame(peer.errors, [])
        })
      }
    }
  })
}

for (const [name, start] of [['SDK 2.x sessions', v2Sessions], ['SDK 1.x sessions', v1Sessions]] as const) {
  t.test(`I-12: ${name} forgets its sessions`, async t => {
    const server = await start(t)
    for (const kind of LEGACY) {
      const peer = await kind.connect(t, new StreamableHttpClient(server.url))
      const before = peer.transport.sessionId
      server.forget()
      t.strictSame(await Promise.all(['a', 'b', 'c'].map(text => peer.call('echo', { text }))), ['a', 'b', 'c'])
      t.not(peer.transport.sessionId, before)
    }
  })
}

t.test('I-23, E-44: SDK 2.x createMcpHandler, modern', async t => {
  const server = await v2Handler(t)
  for (const kind of [AUTO, PINNED]) {
    await t.test(kind.name, async t => {
      const peer = await kind.connect(t, new StreamableHttpClient(server.url))
      t.equal(peer.revision, '2026-07-28')
      t.equal(peer.transport.sessionId, undefined)
      await calls(t, peer)
      await cancels(t, peer, server, kind.name)
      t.strictSame(peer.errors, [])
    })
  }
})

t.test('SDK 2.x createMcpHandler, legacy without sessions', async t => {
  const server = await v2Handler(t)
  for (const kind of LEGACY) {
    const peer = await kind.connect(t, new StreamableHttpClient(server.url))
    await calls(t, peer)
  }
})

for (const [name, start] of [['SDK 1.x', v1Sse], ['SDK 2.x', v2Sse], ['fastify-mcp', fastifyMcpSse]] as const) {
  t.test(`I-6, F-1, F-4: HTTP+SSE of ${name}, found by falling back`, async t => {
    const server = await start(t)
    for (const kind of KINDS.filter(kind => kind !== PINNED)) {
      await t.test(kind.name, async t => {
        const peer = await kind.connect(t, new AutoHttpClient(server.url))
        t.equal('kind' in peer.transport && peer.transport.kind, 'http+sse')
        await calls(t, peer)
        await cancels(t, peer, server, kind.name)
      })
    }
  })
}

t.test('I-1, I-2: connectHttp finds each out', async t => {
  const expected = [
    [v2Handler, 'modern'], [v2Sessions, 'streamable'], [v1Sessions, 'streamable'], [fastifyMcp, 'streamable'], [v1Sse, 'http+sse'],
    [v2Sse, 'http+sse'], [fastifyMcpSse, 'http+sse']
  ] as const
  for (const [start, kind] of expected) {
    const { url } = await start(t)
    const connection = await connectHttp(url, { verdicts: null })
    t.equal(connection.kind, kind)
    t.match(await connection.request('tools/call', { name: 'echo', arguments: { text: 'x' } }), { content: [{ text: 'x' }] })
    t.match(await connection.request('tools/list'), { tools: [{ name: 'echo' }] })
    await connection.close()
  }
})
