/** Official clients on the transport of 2024-11-05, against the reference server. */
import { isObject, type JsonObject } from '@mcp/protocol'
import { buildApp } from '@mcp/reference-server/src/app.ts'
import { readConfig } from '@mcp/reference-server/src/config.ts'
import * as v2 from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/sse.js'
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { Proxy } from '../../lib/proxy.ts'
import { ANSWERS, CLIENT_INFO, Inbox, textOf } from './lib/peer.ts'

const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:', MCP_LEGACY_SSE: 'on' }))
t.teardown(() => app.close())
const sse = new URL(await app.listen({ host: '127.0.0.1', port: 0 }) + '/sse')

const capabilities = { elicitation: {}, sampling: {} }
const sampled = { role: 'assistant' as const, model: 'none', content: { type: 'text' as const, text: 'Paris' } }

interface Connected {
  readonly client: ClientV1 | v2.Client
  readonly notices: Inbox
  /** Numbers of the progress notifications as they came off the wire: the clients drop those they read together with the response. */
  readonly progress: number[]
  call (name: string, args: JsonObject, options?: { signal?: AbortSignal, onprogress?: () => void }): Promise<JsonObject>
}

function watchProgress (transport: { onmessage?: ((message: never) => void) | undefined }): number[] {
  const seen: number[] = []
  const handle = transport.onmessage as ((message: unknown) => void) | undefined
  transport.onmessage = (message: unknown) => {
    if (isObject(message) && isObject(message.params) && typeof message.params.progress === 'number') seen.push(message.params.progress)
    handle?.(message)
  }
  return seen
}

const CLIENTS: Readonly<Record<string, (t: Test, url?: URL) => Promise<Connected>>> = {
  'sdk 1.x': async (t, url = sse) => {
    const client = new ClientV1(CLIENT_INFO, { capabilities })
    t.teardown(() => client.close())
    const notices = new Inbox()
    client.fallbackNotificationHandler = notices.put
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ action: 'cancel', ...await ANSWERS.elicitation({ ...params }) }))
    client.setRequestHandler(CreateMessageRequestSchema, async () => sampled)
    const transport = new TransportV1(url)
    await client.connect(transport)
    const progress = watchProgress(transport)
    const call: Connected['call'] = async (name, args, options) => ({ ...await client.callTool({ name, arguments: args }, undefined, options) })
    return { client, notices, progress, call }
  },
  'client 2.x': async (t, url = sse) => {
    const client = new v2.Client(CLIENT_INFO, { capabilities })
    t.teardown(() => client.close())
    const notices = new Inbox()
    client.fallbackNotificationHandler = notices.put
    client.setRequestHandler('elicitation/create', async ({ params }) => ({ action: 'cancel', ...await ANSWERS.elicitation({ ...params }) }))
    client.setRequestHandler('sampling/createMessage', async () => sampled)
    const transport = new v2.SSEClientTransport(url)
    await client.connect(transport)
    const progress = watchProgress(transport)
    const call: Connected['call'] = async (name, args, options) => ({ ...await client.callTool({ name, arguments: args }, options) })
    return { client, notices, progress, call }
  }
}

for (const [name, connect] of Object.entries(CLIENTS)) {
  t.test(`F-2, F-3: tools, resources and errors (${name})`, async t => {
    const { client, call } = await connect(t)
    t.match(client.getServerVersion(), { name: 'mcp-reference-server' })
    const { tools } = await client.listTools()
    t.ok(tools.some(tool => tool.name === 'echo'))
    t.equal(textOf(await call('echo', { text: 'Grüße\n世界' })), 'Grüße\n世界')
    t.match(await client.readResource({ uri: 'test://static-text' }), { contents: [{ uri: 'test://static-text' }] })
    await t.rejects(call('no_such_tool', {}), { code: -32602 })
    const texts = Array.from({ length: 20 }, (_, index) => `call ${index}`)
    const results = await Promise.all(texts.map(text => call('echo', { text })))
    t.strictSame(results.map(textOf), texts)
  })

  t.test(`F-3: a burst arrives whole and in order (${name})`, async t => {
    const { call, progress } = await connect(t)
    await call('burst', { count: 2000 }, { onprogress: () => {} })
    t.strictSame(progress, Array.from({ length: 2000 }, (_, index) => index + 1))
  })

  t.test(`F-12: the server asks the client (${name})`, async t => {
    const { call } = await connect(t)
    t.match(textOf(await call('test_elicitation', { message: 'Who?' })), /action=accept.*"username":"ada"/)
    t.match(textOf(await call('test_sampling', { prompt: 'Capital?' })), /Paris/)
  })

  t.test(`F-9: cancelling, and closing (${name})`, async t => {
    const { client, call } = await connect(t)
    const controller = new AbortController()
    await t.rejects(call('countdown', { seconds: 60 }, { signal: controller.signal, onprogress: () => controller.abort() }))
    await client.ping()
    await client.close()
    while (await app.mcpSessions.storage.sessions.count() > 0) await new Promise(resolve => setImmediate(resolve))
  })

  t.test(`changes reach the stream (${name})`, async t => {
    const { client, notices } = await connect(t)
    await client.subscribeResource({ uri: 'test://watched-resource' })
    await app.mcp.publish({ method: 'notifications/resources/updated', params: { uri: 'test://watched-resource' } })
    await notices.take('notifications/resources/updated', ({ uri }) => uri === 'test://watched-resource')
    await app.mcp.publish({ method: 'notifications/tools/list_changed' })
    await notices.take('notifications/tools/list_changed')
  })
  // These clients do not send `Last-Event-ID`, so the server does not know their capabilities any more.
  t.test(`F-17: a client whose stream was cut goes on (${name})`, async t => {
    const proxy = await Proxy.start(t, Number(sse.port))
    const { client, call } = await connect(t, new URL(`http://127.0.0.1:${proxy.port}/sse`))
    t.equal(textOf(await call('echo', { text: 'before' })), 'before')
    for (const round of [1, 2]) {
      proxy.cutAll()
      const echoed = await eventually(() => call('echo', { text: `after ${round}` }))
      t.equal(textOf(echoed), `after ${round}`)
    }
    t.ok((await client.listTools()).tools.length > 0)
    await client.ping()
  })
}

/** The client opens its stream again by itself, after a moment; until then its calls fail. */
async function eventually<T> (run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 20_000
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}
