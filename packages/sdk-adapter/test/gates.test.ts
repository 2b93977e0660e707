import t from 'tap'
import { McpServer, requireScopes, Server } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { JsonObject, McpApplication } from '@mcp/protocol'
import { sdkApplication } from '../src/index.ts'
import { alice, bob, call, enveloped, exchange, open, text, type TestExchange } from './helper.ts'

const mirrored = z.object({ region: z.string().optional().meta({ 'x-mcp-header': 'Region' }), text: z.string().optional() })

function mirror (annotated = { now: true }): McpServer {
  const server = new McpServer({ name: 'mirror', version: '1' })
  const inputSchema = annotated.now ? mirrored : z.object({ region: z.string().optional() })
  server.registerTool('where', { inputSchema }, args => ({ content: [{ type: 'text', text: args.region ?? 'nowhere' }] }))
  const send = server.server.sendToolListChanged.bind(server.server)
  server.registerTool('change', {}, async () => {
    annotated.now = !annotated.now
    await send()
    return { content: [] }
  })
  return server
}

async function where (application: McpApplication, args: JsonObject, headers: Record<string, string>): Promise<TestExchange> {
  return await exchange(application, enveloped(call('where', args)), { headers })
}

for (const reuse of ['never', 'principal'] as const) {
  t.test(`E-22 B-21 Mcp-Param headers are compared with the arguments (reuse: ${reuse})`, async t => {
    const application = sdkApplication(() => mirror(), { reuse })
    t.teardown(() => application.close?.())
    const code = async (args: JsonObject, headers: Record<string, string>): Promise<unknown> =>
      (await (await where(application, args, headers)).error()).code
    for (let round = 0; round < 2; round++) {
      t.equal(text(await (await where(application, { region: 'eu' }, { 'mcp-param-region': 'eu' })).result()), 'eu')
      t.equal(text(await (await where(application, { region: 'ü' }, { 'mcp-param-region': '=?base64?w7w=?=' })).result()), 'ü')
      t.equal(text(await (await where(application, {}, {})).result()), 'nowhere')
      t.equal(await code({ region: 'eu' }, {}), -32020, 'missing')
      t.equal(await code({ region: 'eu' }, { 'mcp-param-region': 'us' }), -32020, 'different')
      t.equal(await code({}, { 'mcp-param-region': 'us' }), -32020, 'without its argument')
      t.equal(await code({ region: 'eu' }, { 'mcp-param-region': '=?base64?!?=' }), -32020, 'no base64')
    }
    const unknown = await exchange(application, enveloped(call('nothing')), { headers: { 'mcp-param-region': 'eu' } })
    t.equal((await unknown.error()).code, -32602, 'E-23 an unknown tool is left to the server')
  })
}

t.test('E-23 a remembered list does not refuse what the current one allows', async t => {
  const annotated = { now: true }
  const application = sdkApplication(() => mirror(annotated))
  t.teardown(() => application.close?.())
  await (await where(application, { region: 'eu' }, { 'mcp-param-region': 'eu' })).result()
  annotated.now = false
  await (await where(application, { region: 'eu' }, {})).result()
  await (await exchange(application, enveloped(call('change')))).result()
  t.ok(annotated.now, 'and a change that was announced is seen at once')
  t.equal((await (await where(application, { region: 'eu' }, {})).error()).code, -32020)
})

t.test('E-23 pages of tools are all read; a server without tools/list is left alone', async t => {
  const build = (listed: boolean) => (): Server => {
    const server = new Server({ name: 'low', version: '1' }, { capabilities: { tools: {} } })
    const properties = { region: { type: 'string', 'x-mcp-header': 'Region' } }
    if (listed) {
      server.setRequestHandler('tools/list', request => request.params?.cursor === 'more'
        ? { tools: [{ name: 'where', inputSchema: { type: 'object' as const, properties } }] }
        : { tools: [], nextCursor: 'more' })
    }
    server.setRequestHandler('tools/call', () => ({ content: [] }))
    return server
  }
  const listed = sdkApplication(build(true))
  t.equal((await (await where(listed, { region: 'eu' }, {})).error()).code, -32020)
  const unlisted = sdkApplication(build(false))
  await (await where(unlisted, { region: 'eu' }, {})).result()
})

t.test('a tool that asks for scopes is refused to callers without them, in both eras', async t => {
  let calls = 0
  const application = sdkApplication(() => {
    const server = new McpServer({ name: 'scoped', version: '1' })
    server.registerTool('write', { scopeChallenge: requireScopes('write') }, () => {
      calls++
      return { content: [] }
    })
    server.registerTool('read', { scopeChallenge: async context => requireScopes('read')(context) }, () => ({ content: [] }))
    return server
  })
  t.teardown(() => application.close?.())
  const session = await open(application)
  const refusal = { code: -32600, message: 'Insufficient scope', data: { error: 'insufficient_scope', scope: 'write' } }
  t.match(await (await exchange(application, call('write', {}, 'id'), { session, principal: alice })).answer(), { id: 'id', error: refusal })
  t.match(await (await exchange(application, enveloped(call('write')), { principal: alice })).error(), refusal)
  t.equal(calls, 0)
  await (await exchange(application, enveloped(call('read')), { principal: alice })).result()
  await (await exchange(application, enveloped(call('read')), { principal: bob })).error()
  await (await exchange(application, call('write'), { session, principal: { ...alice, scopes: ['write'] } })).result()
  t.equal(calls, 1)
})
