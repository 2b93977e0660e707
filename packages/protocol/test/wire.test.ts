/** What this package puts on the wire, held against the schemas of the official SDK. */
import { specTypeSchemas } from '@modelcontextprotocol/server'
import t from 'tap'
import { completeResult, errorResponse, type JsonObject, type JsonRpcResponse } from '../src/index.ts'
import { enveloped, LEGACY_ONLY, mirrored, MODERN_ONLY, post, request } from './helper.ts'

type TypeName = keyof typeof specTypeSchemas

function issues (name: TypeName, value: unknown): readonly unknown[] {
  return specTypeSchemas[name]['~standard'].validate(JSON.parse(JSON.stringify(value))).issues ?? []
}

const complete = (method: string, result: JsonObject): JsonRpcResponse =>
  completeResult(Object(enveloped(method)), { jsonrpc: '2.0', id: 7, result })

t.test('A-7 A-8: refusals of the ladder are error responses', async t => {
  const verdicts = [
    post('no message'), post([]), post(request('tools/list', [], 'q')), post(enveloped('tools/list')), post(enveloped('ping'), mirrored('ping')),
    post(request('initialize'), {}, MODERN_ONLY), post(enveloped('server/discover'), {}, LEGACY_ONLY), post({}, { accept: 'text/html' })
  ]
  for (const verdict of verdicts) {
    if (verdict.kind !== 'refused') {
      t.fail('must be refused')
      continue
    }
    const message = errorResponse(verdict.id, verdict.code, verdict.message, verdict.data)
    t.same(issues('JSONRPCErrorResponse', message), [], verdict.rung)
    t.same(issues('JSONRPCMessage', message), [], verdict.rung)
  }
})

t.test('E-5 E-51: completed results are what the schemas expect', async t => {
  const rows: ReadonlyArray<readonly [method: string, name: TypeName, result: JsonObject]> = [
    ['server/discover', 'DiscoverResult', { supportedVersions: ['2026-07-28'], capabilities: {} }],
    ['tools/list', 'ListToolsResult', { tools: [{ name: 'a', inputSchema: { type: 'object' } }] }],
    ['prompts/list', 'ListPromptsResult', { prompts: [] }],
    ['resources/list', 'ListResourcesResult', { resources: [] }],
    ['resources/templates/list', 'ListResourceTemplatesResult', { resourceTemplates: [] }],
    ['resources/read', 'ReadResourceResult', { contents: [] }],
    ['tools/call', 'CallToolResult', { content: [{ type: 'text', text: 'x' }] }]
  ]
  for (const [method, name, result] of rows) {
    const response = complete(method, result)
    t.same(issues('JSONRPCResultResponse', response), [], method)
    t.same(issues(name, Object(response).result), [], method)
  }
})

t.test('E-57: the refusal of an undeclared capability names client capabilities', async t => {
  const inputs: Record<string, JsonObject> = {
    a: { method: 'elicitation/create', params: { mode: 'url' } },
    b: { method: 'elicitation/create' },
    c: { method: 'sampling/createMessage', params: { tools: [] } },
    d: { method: 'roots/list' }
  }
  const response = complete('tools/call', { resultType: 'input_required', inputRequests: inputs })
  t.same(issues('JSONRPCErrorResponse', response), [])
  t.same(issues('ClientCapabilities', Object(response).error.data.requiredCapabilities), [])
})

t.test('the schemas do refuse what is wrong', async t => {
  const wrong: ReadonlyArray<readonly [TypeName, unknown]> = [
    ['JSONRPCMessage', { jsonrpc: '2.0', id: null, error: { code: 1, message: 'x' } }],
    ['JSONRPCMessage', { jsonrpc: '1.0', id: 1, method: 'x' }],
    ['ListToolsResult', { tools: 'none' }],
    ['ClientCapabilities', { elicitation: 'yes' }]
  ]
  for (const [name, value] of wrong) t.not(issues(name, value).length, 0, name)
})
