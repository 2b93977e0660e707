/** Keys and tokens that are taken back while streams are open, on every transport. */
import { createApiKey, mcpAuth } from '@mcp/auth'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { isRequest, MetaKey } from '@mcp/protocol'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify from 'fastify'
import t from 'tap'

t.test('E-40 G-21 an API key that is taken back ends the streams it opened, and no others', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const [taken, kept] = [createApiKey({ id: 'taken' }), createApiKey({ id: 'kept' })]
  const entries = new Map([taken, kept].map(({ entry }) => [entry.hash, entry]))
  await app.register(mcpAuth, { apiKeys: { find: async hash => entries.get(hash) } })
  await app.register(mcpStreamable, {
    credentialCheckMs: 50,
    application: async exchange => {
      const { message } = exchange
      const result = { supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } }, ttlMs: 0, cacheScope: 'private' }
      if (isRequest(message)) await exchange.send({ jsonrpc: '2.0', id: message.id, result })
    }
  })
  await app.register(mcpLegacySse)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const _meta = { [MetaKey.ProtocolVersion]: '2026-07-28', [MetaKey.ClientCapabilities]: {} }
  const listen = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta } }
  const fields = (key: string): Record<string, string> => ({
    authorization: `Bearer ${key}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'subscriptions/listen'
  })
  const open = async (key: string): Promise<Response[]> => [
    await fetch(`${origin}/mcp`, { method: 'POST', headers: fields(key), body: JSON.stringify(listen) }),
    await fetch(`${origin}/sse`, { headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' } })
  ]
  const lost = await open(taken.key)
  const held = await open(kept.key)
  t.strictSame([...lost, ...held].map(({ status }) => status), [200, 200, 200, 200])
  entries.delete(taken.entry.hash)
  const [listened] = await Promise.all(lost.map(response => response.text()))
  t.match(listened, '"resultType":"complete"')
  await app.mcp.publish({ method: 'notifications/tools/list_changed' })
  const reader = held[0]?.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  for (let over = false; !over && !heard.includes('list_changed');) {
    const { done, value = '' } = await reader?.read() ?? { done: true }
    over = done
    heard += value
  }
  t.match(heard, 'notifications/tools/list_changed', 'the other caller hears on')
})
