import type { JsonObject } from '@mcp/protocol'
import t from 'tap'
import { EVERYTHING, modernClient } from './modern-client.ts'

const { request } = modernClient()
const accepted = (content: JsonObject) => ({ action: 'accept', content })
const sampled = (text: string) => ({ role: 'assistant', model: 'test', content: { type: 'text', text } })
const roots = { roots: [{ uri: 'file:///a' }] }

function call (name: string, retry: JsonObject = {}, capabilities = EVERYTHING) {
  return request('tools/call', { name, arguments: {}, ...retry }, capabilities)
}

const single: Array<[tool: string, key: string, method: string, response: JsonObject, text: string]> = [
  ['test_input_required_result_elicitation', 'user_name', 'elicitation/create', accepted({ name: 'Ada' }), 'Hello, Ada!'],
  ['test_input_required_result_sampling', 'capital_question', 'sampling/createMessage', sampled('Paris'), 'Paris'],
  ['test_input_required_result_list_roots', 'client_roots', 'roots/list', roots, 'Client roots: file:///a']
]

for (const [tool, key, method, response, text] of single) {
  t.test(`E-56 ${tool} asks, then answers`, async t => {
    t.match((await call(tool)).result, { resultType: 'input_required', inputRequests: { [key]: { method } } })
    t.match((await call(tool, { inputResponses: { [key]: response, other: response } })).result, {
      resultType: 'complete', content: [{ text }]
    })
  })
}

t.test('E-59 a missing, refused or malformed answer is asked for again', async t => {
  for (const answer of [undefined, { action: 'decline' }, accepted({ name: 1 }), 12345]) {
    const { result } = await call('test_input_required_result_elicitation', { inputResponses: { user_name: answer } })
    t.equal(result.resultType, 'input_required')
  }
})

t.test('three questions in one round', async t => {
  const tool = 'test_input_required_result_multiple_inputs'
  const { result } = await call(tool)
  t.same(Object.keys(result.inputRequests as JsonObject), ['user_name', 'greeting', 'client_roots'])
  const inputResponses = { user_name: accepted({ name: 'Ada' }), greeting: sampled('Hello'), client_roots: roots }
  const answer = await call(tool, { inputResponses, requestState: result.requestState })
  t.match(answer.result.content, [{ text: 'Hello Ada (1 roots)' }])
})

t.test('two rounds, the first remembered in the state', async t => {
  const tool = 'test_input_required_result_multi_round'
  const first = (await call(tool)).result
  t.match(first.inputRequests, { step1: {} })
  const second = (await call(tool, { inputResponses: { step1: accepted({ name: 'Ada' }) }, requestState: first.requestState })).result
  t.match(second.inputRequests, { step2: {} })
  t.not(second.requestState, first.requestState)
  const third = await call(tool, { inputResponses: { step2: accepted({ color: 'blue' }) }, requestState: second.requestState })
  t.match(third.result.content, [{ text: 'Ada likes blue' }])
})

t.test('E-58 state that was changed is refused', async t => {
  const tool = 'test_input_required_result_tampered_state'
  const { requestState } = (await call(tool)).result
  const inputResponses = { confirm: accepted({ ok: true }) }
  for (const forged of [`${String(requestState)}-TAMPERED`, 'x', String(requestState).slice(0, -2)]) {
    t.match((await call(tool, { inputResponses, requestState: forged })).error, { code: -32602 })
  }
  t.match((await call(tool, { inputResponses, requestState })).result.content, [{ text: 'integrity-ok' }])
})

t.test('E-58 genuine state of another tool and missing state are refused', async t => {
  const { requestState } = (await call('test_input_required_result_tampered_state')).result
  const inputResponses = { confirm: accepted({ ok: true }) }
  const tool = 'test_input_required_result_request_state'
  for (const retry of [{ inputResponses, requestState }, { inputResponses }]) {
    const { result, error } = await call(tool, retry)
    t.notMatch(JSON.stringify(result), 'state-ok')
    t.ok(error.code === -32602 || result.isError === true)
  }
})

t.test('E-57 only what the client declared is asked', async t => {
  const tool = 'test_input_required_result_capabilities'
  t.same(Object.keys((await call(tool, {}, { sampling: {} })).result.inputRequests as JsonObject), ['greeting'])
  t.same(Object.keys((await call(tool, {}, { elicitation: {}, roots: {} })).result.inputRequests as JsonObject), ['user_name', 'client_roots'])
  t.equal((await call(tool, {}, {})).result.resultType, 'complete')
})

t.test('E-55 a prompt may ask too', async t => {
  const name = 'test_input_required_result_prompt'
  t.match((await request('prompts/get', { name })).result.inputRequests, { user_context: { method: 'elicitation/create' } })
  const { result } = await request('prompts/get', { name, inputResponses: { user_context: accepted({ context: 'tests' }) } })
  t.match(result.messages, [{ content: { text: 'Use this context: tests' } }])
})
