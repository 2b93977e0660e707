import type { JsonObject } from '@mcp/protocol'
import t from 'tap'
import { Call } from '../../src/playground/call.ts'
import type { Link } from '../../src/playground/link.ts'
import { Questions } from '../../src/playground/question.ts'

/** A link whose server answers each request by a function of its parameters. */
function linkTo (answer: (params: JsonObject) => JsonObject | Promise<JsonObject>) {
  const asked: JsonObject[] = []
  const link: Link = {
    revision: '2026-07-28',
    era: 'modern',
    transport: 'Streamable HTTP',
    server: {},
    sessionId: undefined,
    request: async (_method, params = {}, { signal } = {}) => {
      signal?.throwIfAborted()
      asked.push(params)
      return answer(params)
    },
    close: async () => {}
  }
  return { link, asked }
}

const elicit = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: { type: 'object', properties: {} } } }

t.test('a result that asks for input is answered, and the call made again with its state', async t => {
  const { link, asked } = linkTo(({ inputResponses }) => inputResponses === undefined
    ? { resultType: 'input_required', inputRequests: { who: elicit }, requestState: 'sealed' }
    : { resultType: 'complete', content: [] })
  const questions = new Questions()
  const call = new Call('ask')
  const done = call.run(link, questions, { a: 1 })
  await new Promise(resolve => setImmediate(resolve))
  t.match(questions.pending.value, [{ message: 'Who?' }])
  questions.answer({ action: 'accept', content: { name: 'Ada' } })
  await done
  t.match(call.state.value, { kind: 'answered', result: { resultType: 'complete' } })
  t.strictSame(questions.pending.value, [])
  t.match(asked[1], {
    name: 'ask', arguments: { a: 1 }, requestState: 'sealed', inputResponses: { who: { action: 'accept', content: { name: 'Ada' } } }
  })
})

t.test('a server that never stops asking is not answered for ever', async t => {
  const { link, asked } = linkTo(() => ({ resultType: 'input_required', inputRequests: {} }))
  const call = new Call('ask')
  await call.run(link, new Questions(), {})
  t.match(call.state.value, { kind: 'failed', message: /asked for input 20 times/ })
  t.equal(asked.length, 20)
})

t.test('a call that is cancelled while it waits for an answer asks no more', async t => {
  const { link, asked } = linkTo(() => ({ resultType: 'input_required', inputRequests: { who: elicit } }))
  const questions = new Questions()
  const call = new Call('ask')
  const done = call.run(link, questions, {})
  await new Promise(resolve => setImmediate(resolve))
  call.cancel()
  questions.drop()
  await done
  t.match(call.state.value, { kind: 'failed' })
  t.equal(asked.length, 1)
})

t.test('progress of this call is taken, of others not', async t => {
  const call = new Call('count')
  call.takeProgress({ progressToken: 'another', progress: 1 })
  t.equal(call.progress.value, null)
  call.takeProgress({ progressToken: call.progressToken, progress: 2, total: 5 })
  t.match(call.progress.value, { progress: 2, total: 5, message: undefined })
})

t.test('questions a page cannot answer are said to be so', async t => {
  const questions = new Questions()
  await t.rejects(questions.ask('sampling/createMessage', {}), /cannot answer sampling/)
  t.strictSame(await questions.ask('elicitation/create', { mode: 'url', url: 'https://example.com' }), { action: 'decline' })
})
