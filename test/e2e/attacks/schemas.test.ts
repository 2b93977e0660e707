/** Schemas of tools that name URLs: whoever writes one must not make us ask somebody (H-14). */
import { createServer } from 'node:http'
import { isObject, isRequest, type ExchangeHandler } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { startTarget } from './lib/target.ts'
import { call, modern, toolCall } from './lib/wire.ts'

async function listener (t: Test): Promise<{ url: string, asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => { asked.push(request.url ?? ''); response.end('{}') })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  return { url: `http://127.0.0.1:${isObject(address) ? address.port : ''}`, asked }
}

t.test('H-14 H-15 no URL in a schema is fetched: not to list tools, not to compare mirrored arguments, not to call', async t => {
  const { url, asked } = await listener(t)
  const inputSchema = {
    $schema: `${url}/dialect`,
    $id: `${url}/id`,
    type: 'object',
    allOf: [{ $ref: `${url}/all` }],
    $defs: { far: { $dynamicRef: `${url}/dynamic` } },
    properties: { region: { $ref: `${url}/region`, type: 'string', 'x-mcp-header': 'Region' }, far: { $ref: '#/$defs/far' } }
  }
  const application: ExchangeHandler = async exchange => {
    const { message, revision } = exchange
    if (!isRequest(message)) return
    const results: Record<string, object> = {
      initialize: { protocolVersion: revision, capabilities: { tools: {} }, serverInfo: { name: 'target', version: '1' } },
      'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'private' },
      'tools/list': { tools: [{ name: 'echo', inputSchema, outputSchema: inputSchema }] }
    }
    await exchange.send({ jsonrpc: '2.0', id: message.id, result: { ...results[message.method] ?? { content: [], structuredContent: {} } } })
  }
  const target = await startTarget(t, { application })
  const session = await target.openSession('alice')
  t.match((await target.post(call('tools/list'), session)).text, `${url}/region`, 'it is handed on as it is')
  t.equal((await target.post(toolCall('echo', 1, { region: 'eu' }), session)).status, 200)
  const [body, fields] = modern('tools/call', { name: 'echo', arguments: { region: 'eu' } })
  t.equal((await target.post(body, { ...fields, 'mcp-param-region': 'eu', ...target.as.alice })).status, 200)
  t.match(await target.post(body, { ...fields, 'mcp-param-region': 'us', ...target.as.alice }), { status: 400, text: /-32020/ }, 'the schema was read')
  t.strictSame(asked, [])
  await target.unharmed(t)
})
