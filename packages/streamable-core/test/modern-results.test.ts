import type { JsonObject } from '@mcp/protocol'
import t from 'tap'
import { answering, call, modern, startApp } from './helper.ts'

const INTERNAL = { code: -32603, message: 'Internal error' }

t.test('E-5: every modern result has a resultType, no legacy one', async t => {
  const application = answering({
    'tools/list': () => ({ tools: [] }),
    'test/own': () => ({ resultType: 'task', taskId: 'x' })
  })
  const { rpc, initialize } = await startApp(t, { application })
  t.equal((await rpc(...modern('tools/list'))).message.result?.resultType, 'complete')
  t.strictSame((await rpc(...modern('test/own'))).message.result, { resultType: 'task', taskId: 'x' }, 'an extension\'s stays')
  t.strictSame((await rpc(call('tools/list'), await initialize())).message.result, { tools: [] })
})

t.test('E-51, E-52: results that can be cached say for how long and for whom, and private where nobody said', async t => {
  const cacheable = ['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read']
  const bare = await startApp(t, { application: answering(Object.fromEntries(cacheable.map(method => [method, () => ({ x: 1 })]))) })
  const told = await startApp(t, {
    application: answering(Object.fromEntries(cacheable.map(method => [method, () => ({ x: 1, ttlMs: 5000, cacheScope: 'public' })])))
  })
  for (const method of cacheable) {
    for (const params of [{ uri: 'a:b' }, { uri: 'a:b', cursor: '2' }]) {
      t.strictSame((await bare.rpc(...modern(method, params))).message.result, { resultType: 'complete', ttlMs: 0, cacheScope: 'private', x: 1 }, method)
      t.strictSame((await told.rpc(...modern(method, params))).message.result, { resultType: 'complete', ttlMs: 5000, cacheScope: 'public', x: 1 }, method)
    }
  }
})

t.test('E-51: other results and input_required ones say nothing of caches', async t => {
  const application = answering({
    'tools/call': () => ({ content: [] }),
    'resources/read': () => ({ resultType: 'input_required', requestState: 's' })
  })
  const { rpc } = await startApp(t, { application })
  t.strictSame((await rpc(...modern('tools/call', { name: 'x' }))).message.result, { resultType: 'complete', content: [] })
  t.strictSame((await rpc(...modern('resources/read', { uri: 'a:b' }))).message.result, { resultType: 'input_required', requestState: 's' })
})

t.test('E-8, E-9: server/discover is the application\'s answer, completed', async t => {
  const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } }, instructions: 'Ask nicely', ttlMs: 60_000, cacheScope: 'public' }
  const { rpc } = await startApp(t, { application: answering({ 'server/discover': () => discovered }) })
  t.strictSame((await rpc(...modern('server/discover'))).message.result, { resultType: 'complete', ...discovered })
  t.equal((await rpc(call('server/discover'))).status, 400, 'without envelope it is a legacy request without session')
})

const form = { method: 'elicitation/create', params: { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } } }
const link = { method: 'elicitation/create', params: { mode: 'url', message: 'Go', url: 'https://example.com', elicitationId: '1' } }
const sampling = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }
const roots = { method: 'roots/list' }

/** Answers with what the request's arguments say. */
const obedient = answering(Object.fromEntries(['tools/call', 'prompts/get', 'resources/read', 'test/other'].map(method => (
  [method, ({ message }) => message.params?.answer as JsonObject]
))))

t.test('E-55: only tools/call, prompts/get and resources/read may ask for input', async t => {
  const { rpc, logs } = await startApp(t, { application: obedient })
  const answer = { resultType: 'input_required', requestState: 's' }
  for (const [method, params] of [['tools/call', { name: 'x' }], ['prompts/get', { name: 'x' }], ['resources/read', { uri: 'a:b' }]] as const) {
    t.strictSame((await rpc(...modern(method, { ...params, answer }))).message.result, answer, method)
  }
  const other = await rpc(...modern('test/other', { answer }))
  t.equal(other.status, 200)
  t.strictSame(other.message, { jsonrpc: '2.0', id: 1, error: INTERNAL })
  t.ok(logs.some(line => line.msg === 'the result breaks a rule of the era'))
})

t.test('E-56: input that nobody can give is an internal error', async t => {
  const { rpc } = await startApp(t, { application: obedient })
  const capable = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {}, roots: {} } }
  for (const wrong of [
    {}, { inputRequests: [] }, { inputRequests: 'x' }, { inputRequests: { a: {} } }, { inputRequests: { a: null } },
    { inputRequests: { a: { method: 'tools/call' } } }, { inputRequests: { a: roots, b: { method: 'ping' } } }
  ]) {
    const answer = { resultType: 'input_required', ...wrong }
    t.strictSame((await rpc(...modern('tools/call', { name: 'x', answer, _meta: capable }))).message.error, INTERNAL, JSON.stringify(wrong))
  }
  const fine = { resultType: 'input_required', inputRequests: { a: form, b: sampling, c: roots } }
  t.strictSame((await rpc(...modern('tools/call', { name: 'x', answer: fine, _meta: capable }))).message.result, fine)
})

t.test('E-57, A-9: asking for what the client did not declare is 400 with -32021 and what is required', async t => {
  const { rpc } = await startApp(t, { application: obedient })
  for (const [input, declared, required] of [
    [form, {}, { elicitation: {} }], [sampling, {}, { sampling: {} }], [roots, { sampling: {} }, { roots: {} }],
    [link, {}, { elicitation: { url: {} } }], [link, { elicitation: {} }, { elicitation: { url: {} } }],
    [form, { elicitation: {} }, null], [link, { elicitation: { url: {} } }, null], [form, { elicitation: { form: {} } }, null]
  ] as const) {
    const answer = { resultType: 'input_required', inputRequests: { a: input } }
    const _meta = { 'io.modelcontextprotocol/clientCapabilities': declared }
    const reply = await rpc(...modern('tools/call', { name: 'x', answer, _meta }))
    t.equal(reply.status, required === null ? 200 : 400, `${input.method} for ${JSON.stringify(declared)}`)
    if (required === null) t.strictSame(reply.message.result, answer)
    else t.match(reply.message, { id: 1, error: { code: -32021, data: { requiredCapabilities: required } } })
  }
})

t.test('E-3: what an earlier request declared does not count', async t => {
  const { rpc } = await startApp(t, { application: obedient })
  const answer = { resultType: 'input_required', inputRequests: { a: roots } }
  const _meta = { 'io.modelcontextprotocol/clientCapabilities': { roots: {} } }
  t.equal((await rpc(...modern('tools/call', { name: 'x', answer, _meta }))).status, 200)
  t.equal((await rpc(...modern('tools/call', { name: 'x', answer }))).status, 400)
})

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

t.test('E-50: log messages go to requests that asked for them, from their level on', async t => {
  const application = answering({
    'test/log': async exchange => {
      for (const level of [...LEVELS, 'shouting', undefined]) {
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level, data: 'x' } })
      }
      return { done: true }
    }
  })
  const { rpc } = await startApp(t, { application })
  const heard = async (_meta: JsonObject): Promise<unknown[]> => {
    const { messages } = await rpc(...modern('test/log', { _meta }))
    return messages.filter(message => message.method === 'notifications/message').map(message => message.params?.level)
  }
  t.strictSame(await heard({}), [], 'nobody asked')
  t.strictSame(await heard({ 'io.modelcontextprotocol/logLevel': 'warning' }), ['warning', 'error', 'critical', 'alert', 'emergency'])
  t.strictSame(await heard({}), [], 'nothing is remembered')
  t.strictSame(await heard({ 'io.modelcontextprotocol/logLevel': 'debug' }), LEVELS)
  t.strictSame(await heard({ 'io.modelcontextprotocol/logLevel': 'emergency' }), ['emergency'])
})

t.test('E-50: a level that is none is 400 with -32602', async t => {
  let ran = 0
  const { rpc } = await startApp(t, { application: answering({ 'test/log': () => { ran++; return {} } }) })
  for (const level of ['loud', 'INFO', '', 5, null, {}]) {
    const answer = await rpc(...modern('test/log', { _meta: { 'io.modelcontextprotocol/logLevel': level } }))
    t.equal(answer.status, 400, JSON.stringify(level))
    t.match(answer.message, { id: 1, error: { code: -32602, message: /logLevel/ } })
  }
  t.equal(ran, 0)
})

t.test('E-29, E-30, C-33: an error after a notification is the last event of a stream under 200', async t => {
  const application = answering({
    'test/late': async exchange => {
      await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      const error = { code: Number(exchange.message.params?.code), message: 'too late' }
      await exchange.send({ jsonrpc: '2.0', id: exchange.message.id, error })
      return undefined
    }
  })
  const { rpc } = await startApp(t, { application })
  for (const code of [-32601, -32602, -32021, -32603, 5]) {
    const answer = await rpc(...modern('test/late', { code }, {}, 'x'))
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('content-type'), 'text/event-stream')
    t.match(answer.messages, [{ method: 'notifications/progress' }, { id: 'x', error: { code } }])
    t.notMatch(answer.text, /^(id|retry):/m, 'C-32: nothing to resume')
  }
})
