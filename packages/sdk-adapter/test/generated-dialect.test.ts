import t from 'tap'
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { sdkApplication } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { enveloped, exchange, request, TestSession } from './helper.ts'
import type { JsonObject, McpApplication } from '@mcp/protocol'

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'
const text = (): { content: [] } => ({ content: [] })

async function tools (application: McpApplication, modern: boolean): Promise<Record<string, JsonObject>> {
  const session = new TestSession()
  if (!modern) await (await exchange(application, request('initialize', { ...session.handshake }), { session })).result()
  const list = request('tools/list')
  const result = await (modern ? await exchange(application, enveloped(list)) : await exchange(application, list, { session })).result()
  return Object.fromEntries((result.tools as JsonObject[]).map(tool => [String(tool.name), tool]))
}

for (const modern of [false, true]) {
  t.test(`SDK 2.x, ${modern ? 'modern' : 'session'}: the dialect is named only where the application wrote it`, async t => {
    const application = sdkApplication(() => {
      const server = new McpServer({ name: 'schemas', version: '1' })
      server.registerTool('converted', { inputSchema: z.object({ a: z.string() }), outputSchema: z.object({ b: z.number() }) }, text)
      server.registerTool('written', { inputSchema: fromJsonSchema({ $schema: DIALECT, type: 'object' }) }, text)
      server.registerTool('none', {}, text)
      return server
    })
    t.teardown(() => application.close?.())
    const found = await tools(application, modern)
    t.match(found.converted, { inputSchema: { type: 'object', properties: { a: { type: 'string' } } }, outputSchema: { properties: { b: { type: 'number' } } } })
    for (const member of ['inputSchema', 'outputSchema']) t.notOk(Object.hasOwn(found.converted?.[member] as object, '$schema'), member)
    t.match(found.written, { inputSchema: { $schema: DIALECT, type: 'object' } })
    t.ok(found.none)
  })
}

t.test('SDK 1.x: the default dialect is not named, and another one is kept', async t => {
  const application = sdkV1Application(() => {
    const server = new McpServerV1({ name: 'schemas', version: '1' })
    server.registerTool('converted', { inputSchema: { a: z.string() } }, text)
    return server
  })
  t.teardown(() => application.close?.())
  const { converted } = await tools(application, false)
  t.match(converted, { inputSchema: { type: 'object', properties: { a: { type: 'string' } } } })
  t.not((converted?.inputSchema as JsonObject).$schema, DIALECT)
})
