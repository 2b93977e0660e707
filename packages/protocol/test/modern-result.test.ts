import t from 'tap'
import { completeResult, errorResponse, type JsonObject, type JsonRpcRequest } from '../src/index.ts'
import { CAPABILITIES_KEY, VERSION_KEY } from './helper.ts'

function asked (method: string, capabilities: object = {}): JsonRpcRequest {
  return { jsonrpc: '2.0', id: 'q', method, params: { _meta: { [VERSION_KEY]: '2026-07-28', [CAPABILITIES_KEY]: capabilities } } }
}

const answer = (method: string, result: JsonObject, capabilities: object = {}) =>
  completeResult(asked(method, capabilities), { jsonrpc: '2.0', id: 'q', result })

const CACHEABLE = ['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read']

t.test('E-5: a result without a type is complete', async t => {
  t.same(answer('tools/call', { content: [] }), { jsonrpc: '2.0', id: 'q', result: { resultType: 'complete', content: [] } })
  t.same(answer('tools/call', { resultType: 'task' }), { jsonrpc: '2.0', id: 'q', result: { resultType: 'task' } })
})

t.test('E-51 E-52: cacheable results carry the safest hints when the application gave none', async t => {
  for (const method of CACHEABLE) {
    t.same(answer(method, { x: 1 }), { jsonrpc: '2.0', id: 'q', result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', x: 1 } })
    t.match(answer(method, { resultType: 'complete' }), { result: { ttlMs: 0, cacheScope: 'private' } })
  }
})

t.test('E-51: what the application says about caching stands', async t => {
  t.match(answer('tools/list', { ttlMs: 5, cacheScope: 'public' }), { result: { resultType: 'complete', ttlMs: 5, cacheScope: 'public' } })
  t.match(answer('tools/list', { resultType: 'complete', ttlMs: 5 }), { result: { ttlMs: 5, cacheScope: 'private' } })
})

t.test('E-51: other results carry no caching hints', async t => {
  for (const method of ['tools/call', 'prompts/get', 'completion/complete', 'subscriptions/listen']) {
    t.same(Object.keys(Object(answer(method, {})).result), ['resultType'])
  }
  t.same(answer('resources/read', { resultType: 'task' }), { jsonrpc: '2.0', id: 'q', result: { resultType: 'task' } })
})

t.test('a complete result passes untouched', async t => {
  const request = asked('tools/list')
  const response = { jsonrpc: '2.0', id: 'q', result: { resultType: 'complete', ttlMs: 1, cacheScope: 'public', tools: [] } } as const
  t.equal(completeResult(request, response), response)
})

const FORM = { method: 'elicitation/create', params: { mode: 'form', message: 'm', requestedSchema: {} } }
const URL_MODE = { method: 'elicitation/create', params: { mode: 'url', message: 'm', url: 'https://example.com' } }
const OLD_FORM = { method: 'elicitation/create', params: { message: 'm', requestedSchema: {} } }
const SAMPLING = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }
const TOOLS = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1, tools: [] } }
const ROOTS = { method: 'roots/list' }

const ask = (...inputs: unknown[]): JsonObject => ({
  resultType: 'input_required', inputRequests: Object.fromEntries(inputs.map((input, index) => [`k${index}`, input]))
})
const INTERNAL = errorResponse('q', -32603, 'Internal error')

t.test('E-55: three methods may ask for input', async t => {
  for (const method of ['tools/call', 'prompts/get', 'resources/read']) {
    const response = { jsonrpc: '2.0', id: 'q', result: ask(ROOTS) } as const
    t.equal(completeResult(asked(method, { roots: {} }), response), response, method)
  }
  for (const method of ['tools/list', 'server/discover', 'completion/complete', 'x/y']) {
    t.same(answer(method, ask(ROOTS), { roots: {} }), INTERNAL, method)
  }
})

t.test('E-56: something is asked, and only what may be', async t => {
  t.match(answer('tools/call', { resultType: 'input_required', requestState: 's' }), { result: { requestState: 's' } })
  const broken: JsonObject[] = [
    { resultType: 'input_required' },
    { resultType: 'input_required', inputRequests: [ROOTS] },
    { resultType: 'input_required', inputRequests: 'x' },
    ask({ method: 'tools/call' }), ask({}), ask('roots/list'), ask(ROOTS, null)
  ]
  for (const result of broken) t.same(answer('tools/call', result, { roots: {} }), INTERNAL, JSON.stringify(result))
})

type Row = readonly [what: string, capabilities: object, inputs: unknown[], required: object | null]

const rows: readonly Row[] = [
  ['E-57: elicitation {} means forms', { elicitation: {} }, [FORM, OLD_FORM], null],
  ['E-57: and no URLs', { elicitation: {} }, [URL_MODE], { elicitation: { url: {} } }],
  ['E-57: URLs alone mean no forms', { elicitation: { url: {} } }, [FORM], { elicitation: { form: {} } }],
  ['E-57: both modes', { elicitation: { form: {}, url: {} } }, [FORM, URL_MODE], null],
  ['E-57: no elicitation at all', {}, [URL_MODE, FORM], { elicitation: { url: {}, form: {} } }],
  ['E-57: sampling', { sampling: {} }, [SAMPLING], null],
  ['E-57: sampling with tools', { sampling: {} }, [TOOLS], { sampling: { tools: {} } }],
  ['E-57: sampling with tools, declared', { sampling: { tools: {} } }, [TOOLS], null],
  ['E-57: roots', { sampling: {} }, [ROOTS, SAMPLING], { roots: {} }],
  ['E-57: everything that is missing is named', {}, [ROOTS, SAMPLING, FORM], { roots: {}, sampling: {}, elicitation: { form: {} } }],
  ['E-57: a capability that is no object is none', { roots: true }, [ROOTS], { roots: {} }]
]

t.test('E-57: only what this request declares is asked for', async t => {
  for (const [what, capabilities, inputs, required] of rows) {
    const { result, error } = Object(answer('tools/call', ask(...inputs), capabilities))
    if (required === null) t.equal(result?.resultType, 'input_required', what)
    else t.match(error, { code: -32021, data: { requiredCapabilities: required } }, what)
  }
})

t.test('E-3: without an envelope nothing is declared', async t => {
  const request: JsonRpcRequest = { jsonrpc: '2.0', id: 'q', method: 'tools/call' }
  t.match(completeResult(request, { jsonrpc: '2.0', id: 'q', result: ask(ROOTS) }), { error: { code: -32021 } })
})
