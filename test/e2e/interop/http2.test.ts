/** Official clients, and ours, on an HTTP/2 server with everything registered: all of them over TLS, as browsers and proxies do it. */
import { connectHttp, undiciHttp } from '@mcp/client'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { sdkApplication } from '@mcp/sdk-adapter'
import { mcpSecurity } from '@mcp/security'
import { mcpStreamable } from '@mcp/streamable-core'
import { mcpTelemetry } from '@mcp/telemetry'
import { Client, SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Agent, fetch as undiciFetch } from 'undici'
import { selfSigned } from '../../../packages/streamable-core/test/certificate.ts'
import { Probe, serverV2 } from './lib/server-v2.ts'

const CITY = { name: 'structured', arguments: { city: 'Rome' } }

async function start (t: Test): Promise<{ url: URL, versions: Set<string>, dispatcher: Agent, fetch: typeof fetch }> {
  const tls = selfSigned()
  const app = Fastify({ http2: true, https: tls })
  t.teardown(() => app.close())
  const versions = new Set<string>()
  app.addHook('onRequest', async request => { versions.add(request.raw.httpVersion) })
  await app.register(mcpSecurity)
  await app.register(mcpTelemetry)
  await app.register(mcpStreamable, { application: sdkApplication(() => serverV2(new Probe())) })
  await app.register(mcpLegacySse)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const dispatcher = new Agent({ allowH2: true, connect: { ca: tls.cert } })
  t.teardown(() => dispatcher.destroy())
  // The types of undici's `fetch` and of the global one differ in name only.
  const overHttp2 = ((input: string, init: object) => undiciFetch(input, { ...init, dispatcher })) as unknown as typeof fetch
  return { url: new URL('/mcp', origin), versions, dispatcher, fetch: overHttp2 }
}

async function calls (t: Test, transport: Transport, mode: 'legacy' | { pin: string }): Promise<void> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  t.match(await client.callTool(CITY), { structuredContent: { city: 'Rome' } })
  t.match(await client.callTool({ name: 'grow' }), { content: [{ text: 'grown' }] })
  await client.close()
}

for (const [name, mode] of [['2026-07-28', { pin: '2026-07-28' }], ['a session of 2025-11-25', 'legacy']] as const) {
  t.test(`the official client over HTTP/2: ${name}`, async t => {
    const { url, versions, fetch } = await start(t)
    await calls(t, new StreamableHTTPClientTransport(url, { fetch }), mode)
    t.strictSame([...versions], ['2.0'])
  })
}

t.test('the official client over HTTP/2: HTTP+SSE', async t => {
  const { url, versions, fetch } = await start(t)
  await calls(t, new SSEClientTransport(new URL('/sse', url), { fetch, eventSourceInit: { fetch } }), 'legacy')
  t.strictSame([...versions], ['2.0'])
})

t.test('our client over HTTP/2', async t => {
  const { url, versions, dispatcher } = await start(t)
  const client = await connectHttp(url, { http: undiciHttp({ dispatcher }) })
  t.match(await client.request('tools/call', CITY), { structuredContent: { city: 'Rome' } })
  await client.close()
  t.strictSame([...versions], ['2.0'])
})
