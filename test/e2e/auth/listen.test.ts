/** Listening for changes of resources that rules protect or hide, over a socket. */
import { createApiKey, mcpAuth } from '@mcp/auth'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'

const reader = createApiKey({ id: 'reader', scopes: ['read'] })
const admin = createApiKey({ id: 'admin', scopes: ['read', 'admin'] })
const nobody = createApiKey({ id: 'nobody' })

async function start (t: Test): Promise<{ app: FastifyInstance, listen (key: string, ...uris: string[]): Promise<Response> }> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpAuth, {
    apiKeys: { keys: [reader.entry, admin.entry, nobody.entry] },
    rules: [{ resource: 'secret:*', scopes: ['admin'], hidden: true }, { resource: 'open:*', scopes: ['read'] }]
  })
  await app.register(mcpStreamable, {
    closeTimeoutMs: 500,
    async application (exchange) {
      const { message } = exchange
      if (!('method' in message && 'id' in message)) return
      await exchange.send({ jsonrpc: '2.0', id: message.id, result: { capabilities: { resources: { subscribe: true } } } })
    }
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const listen = (key: string, ...uris: string[]): Promise<Response> => fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen'
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: {
        notifications: { resourceSubscriptions: uris },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'listener', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {}
        }
      }
    })
  })
  return { app, listen }
}

/** The stream up to the `count`th message. */
async function messages (response: Response, count: number): Promise<unknown[]> {
  const found: unknown[] = []
  let text = ''
  const stream = response.body?.pipeThrough(new TextDecoderStream()) ?? []
  for await (const chunk of stream) {
    text += chunk
    found.splice(0, Infinity, ...[...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']) => JSON.parse(data)))
    if (found.length >= count) break
  }
  return found
}

t.test('G-20 E-35 what is hidden is left out of a listen like what does not exist, and nothing of it is heard', async t => {
  const { app, listen } = await start(t)
  const streams = [await listen(reader.key, 'secret:1', 'open:1'), await listen(admin.key, 'secret:1', 'open:1')]
  const reading = streams.map(stream => messages(stream, 2))
  for (const uri of ['secret:1', 'open:1']) await app.mcp.publish({ method: 'notifications/resources/updated', params: { uri } })
  const [few, all] = await Promise.all(reading)
  t.match(few, [{ params: { notifications: { resourceSubscriptions: ['open:1'] } } }, { params: { uri: 'open:1' } }])
  t.match(all, [{ params: { notifications: { resourceSubscriptions: ['secret:1', 'open:1'] } } }, { params: { uri: 'secret:1' } }])
})

t.test('G-8 G-20 what is protected and not hidden is step-up, and says nothing of what is hidden', async t => {
  const { listen } = await start(t)
  const refused = await listen(nobody.key, 'secret:1', 'open:1')
  t.equal(refused.status, 403)
  t.notMatch(await refused.text() + String(refused.headers.get('www-authenticate')), /admin|secret/)
  const quiet = await listen(nobody.key, 'secret:1', 'nowhere:1')
  t.equal(quiet.status, 200)
  t.match(await messages(quiet, 1), [{ params: { notifications: { resourceSubscriptions: ['nowhere:1'] } } }])
})
