/** Names in rules that the application does not offer, and rules that deny what they do not name. */
import { createApiKey, mcpAuth, type McpAuthOptions } from '@mcp/auth'
import { isRequest, type ExchangeHandler, type JsonObject, type McpApplication } from '@mcp/protocol'
import { sdkApplication } from '@mcp/sdk-adapter'
import { sdkV1Application } from '@mcp/sdk-adapter/v1'
import { mcpSecurity, type RateLimitOptions } from '@mcp/security'
import { mcpStreamable } from '@mcp/streamable-core'
import { McpServer as V1Server } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer } from '@modelcontextprotocol/server'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'

interface Line extends JsonObject { level: number, msg: string }

const { key, entry } = createApiKey({ scopes: ['write'] })
const apiKeys = { keys: [entry] }
const done = { content: [{ type: 'text' as const, text: 'done' }] }

const results: Record<string, JsonObject> = {
  'tools/list': { tools: [{ name: 'delete_all', inputSchema: { type: 'object' } }], nextCursor: 'more' },
  'prompts/list': { prompts: [{ name: 'tour' }] },
  'resources/list': { resources: [{ uri: 'file:///etc/passwd', name: 'passwd' }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'room://{id}/seats', name: 'room' }] },
  'tools/call': done
}
/** Two pages of tools. */
const byFunction: ExchangeHandler = ({ message }) => {
  if (!isRequest(message)) return undefined
  if (message.params?.cursor === 'more') return { tools: [{ name: 'list_all', inputSchema: { type: 'object' } }] }
  return results[message.method] ?? {}
}

function bySdk (): McpApplication {
  return sdkApplication(() => {
    const server = new McpServer({ name: 'files', version: '1.0.0' })
    server.registerTool('delete_all', {}, () => done)
    return server
  })
}

function byV1 (): McpApplication {
  return sdkV1Application(() => {
    const server = new V1Server({ name: 'files', version: '1.0.0' })
    server.registerTool('delete_all', {}, () => done)
    return server
  })
}

async function start (t: Test, prepare: (app: FastifyInstance) => Promise<unknown>): Promise<{ app: FastifyInstance, logs: Line[] }> {
  const logs: Line[] = []
  const app = Fastify({ logger: { level: 'info', stream: { write: (line: string) => { logs.push(JSON.parse(line) as Line) } } } })
  t.teardown(() => app.close())
  await prepare(app)
  await app.ready()
  return { app, logs }
}

const serve = (t: Test, application: ExchangeHandler | McpApplication, auth: Partial<McpAuthOptions>, limits?: RateLimitOptions) =>
  start(t, async app => {
    if (limits !== undefined) await app.register(mcpSecurity, { rateLimit: limits })
    await app.register(mcpAuth, { apiKeys, ...auth })
    await app.register(mcpStreamable, { application, sessions: false })
  })

/** Resolves when `count` lines say so. */
async function lines (logs: Line[], text: RegExp, count: number): Promise<Line[]> {
  for (;;) {
    const found = logs.filter(({ msg }) => text.test(msg))
    if (found.length >= count) return found
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const NOT_OFFERED = /does not offer/

for (const [name, application] of Object.entries({ 'a function': byFunction, 'an SDK server': bySdk(), 'an SDK v1 server': byV1() })) {
  t.test(`G-8: ${name} does not offer what a rule names: the log warns, with the name that was meant`, async t => {
    const { logs } = await serve(t, application, {
      rules: [{ tool: ['delte_all', 'delete_all', 'delete_*', '*'], scopes: ['write'] }, { tool: 'remove_*', scopes: ['write'], hidden: true }]
    })
    const found = await lines(logs, NOT_OFFERED, 2)
    t.match(found, [{ level: 40, tool: 'delte_all', similar: 'delete_all' }, { level: 40, tool: 'remove_*' }])
    t.equal(found.length, 2)
  })
}

t.test('G-8: prompts, resources and templates are compared, too; the second page of a list counts', async t => {
  const { logs } = await serve(t, byFunction, {
    rules: [
      { tool: 'list_all', scopes: ['a'] },
      { prompt: ['tour', 'tuor'], scopes: ['a'] },
      { resource: ['file:///etc/passwd', 'file:///etc/*', 'room://7/seats', 'room://*', 'room://{id}/seats', 'file:///tmp/*'], scopes: ['a'] },
      { method: ['tools/cal', 'tools/*', 'tasks/get'], scopes: ['a'] }
    ]
  }, { tools: { delte_all: { max: 1 }, delete_all: { max: 1 } }, methods: { 'tools/cal': { max: 1 }, 'tools/call': { max: 1 } } })
  const found = await lines(logs, NOT_OFFERED, 3)
  t.match(found.map(({ tool, prompt, resource }) => tool ?? prompt ?? resource).sort(), ['delte_all', 'file:///tmp/*', 'tuor'])
  t.match(await lines(logs, /not part of MCP/, 2), [{ method: 'tools/cal' }, { method: 'tools/cal' }])
})

t.test('G-8: rules of a scope are compared with all of its endpoints together', async t => {
  const offering = (name: string): ExchangeHandler => ({ message }) => isRequest(message) ? { tools: [{ name }] } : undefined
  const { logs } = await start(t, async app => {
    await app.register(mcpAuth, { apiKeys, rules: [{ tool: ['one', 'two', 'three'], scopes: ['a'] }] })
    for (const name of ['one', 'two']) {
      await app.register(async scope => {
        scope.addHook('onReady', () => new Promise(resolve => setTimeout(resolve, 20)))
        await scope.register(mcpStreamable, { path: `/${name}`, application: offering(name), sessions: false })
      })
    }
  })
  t.match(await lines(logs, NOT_OFFERED, 1), [{ tool: 'three' }])
})

t.test('G-8: an application that throws, hangs or has no lists neither delays nor fails the start', async t => {
  const applications: ExchangeHandler[] = [() => { throw new Error('no') }, async () => { throw new Error('no') }, () => undefined, () => ({})]
  for (const application of applications) {
    const begun = performance.now()
    const { app, logs } = await serve(t, application, { rules: [{ tool: 'x', scopes: ['a'] }] })
    t.ok(performance.now() - begun < 2_000)
    if (application !== applications[2]) t.match(await lines(logs, /names in rules not checked/, 1), [{ level: 30, kind: 'tool' }])
    await app.close()
  }
})

t.test('G-8: without names in rules the application is not asked', async t => {
  let asked = 0
  const { app } = await serve(t, () => { asked++; return {} }, { rules: [{ method: 'tools/call', scopes: ['write'] }] })
  await app.inject('/')
  t.equal(asked, 0)
})

t.test('G-8: with defaultPolicy "deny" only what a rule names runs', async t => {
  const { app, logs } = await serve(t, byFunction, {
    defaultPolicy: 'deny',
    rules: [
      { tool: 'delte_all', scopes: ['write'] },
      { tool: 'list_*', scopes: [] },
      { prompt: 'tour', scopes: ['admin'], hidden: true },
      { method: ['tasks/*', 'tools/call'], scopes: ['write'] }
    ]
  })
  const post = async (method: string, params?: JsonObject): Promise<{ status: number, body: JsonObject }> => {
    const response = await app.inject({
      method: 'POST', url: '/mcp', headers: { authorization: `Bearer ${key}` }, payload: { jsonrpc: '2.0', id: 1, method, ...(params !== undefined && { params }) }
    })
    return { status: response.statusCode, body: response.json() }
  }
  const status = async (method: string, params?: JsonObject): Promise<number> => (await post(method, params)).status
  t.match(await post('tools/call', { name: 'delete_all' }), {
    status: 403, body: { error: { message: 'Forbidden: no rule allows the tool "delete_all"' } }
  })
  t.equal(await status('tools/call', { name: 'list_all' }), 200)
  t.equal(await status('resources/read', { uri: 'file:///etc/passwd' }), 403)
  t.equal(await status('resources/subscribe', { uri: 'file:///etc/passwd' }), 403)
  t.equal(await status('completion/complete', { ref: { type: 'ref/prompt', name: 'other' }, argument: { name: 'a', value: '' } }), 403)
  t.equal(await status('custom/method'), 403)
  t.equal(await status('tasks/get', { taskId: '1' }), 200)
  for (const method of ['ping', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) t.equal(await status(method), 200, method)
  t.match(await post('tools/list', { cursor: 'more' }), { body: { result: { tools: [{ name: 'list_all' }] } } })
  t.match((await post('tools/list')).body, { result: { tools: { length: 0 } } }, 'what nobody may call is not listed')
  t.match((await post('prompts/list')).body, { result: { prompts: { length: 0 } } }, 'hidden from those without the scope')
  t.match(await lines(logs, /denied to every client/, 2), [{ kind: 'tool', names: ['delete_all'] }, { kind: 'resource', count: 2 }])
})

t.test('G-8: a rule without scopes needs "deny"; other policies are rejected', async t => {
  const register = async (options: object): Promise<unknown> => await Fastify().register(mcpAuth, { apiKeys, ...options }).ready()
  await t.rejects(register({ rules: [{ tool: 'x', scopes: [] }] }), { message: /rules\.0\.scopes" must name at least one scope.*defaultPolicy/ })
  await t.rejects(register({ defaultPolicy: 'reject' }), { message: /option "defaultPolicy" must be "allow" or "deny"/ })
})
