import t from 'tap'
import { isObject, type JsonObject } from '@mcp/protocol'
import { startReference } from './lib/apps.ts'
import { LEGACY, MODERNS, since, v1, withEach } from './lib/kinds.ts'
import { isRefused, textOf, type PeerOptions } from './lib/peer.ts'

const { url } = await startReference(t)
/** Revisions that know elicitation. */
const eliciting = since('2025-06-18')

withEach(t, 'A-51, E-60: elicitation is answered', { url, kinds: eliciting }, async (t, peer) => {
  const result = await peer.call('test_elicitation', { message: 'Who are you? 你是谁' })
  t.match(textOf(result), /action=accept.*"username":"ada".*"email":"ada@example.com"/)
})

t.test('A-51, E-60: what the user is shown, and what happens when the user declines or cancels', async t => {
  const shown: JsonObject[] = []
  for (const action of ['decline', 'cancel']) {
    const elicitation = (params: JsonObject) => { shown.push(params); return { action } }
    withEach(t, action, { url, kinds: eliciting, options: { answers: { elicitation } } }, async (t, peer) => {
      t.match(textOf(await peer.call('test_elicitation', { message: 'Who? 你是谁' })), `action=${action}`)
      t.match(shown.at(-1), { message: 'Who? 你是谁', requestedSchema: { type: 'object', required: ['username', 'email'] } })
    })
  }
})

t.test('A-51: defaults of a form are filled in by the client', async t => {
  const options = { answers: { elicitation: () => ({ action: 'accept', content: {} }) } }
  withEach(t, 'defaults', { url, kinds: eliciting, options }, async (t, peer) => {
    const text = textOf(await peer.call('test_elicitation_sep1034_defaults'))
    t.strictSame(JSON.parse(text.replace(/^.*content=/, '')), { name: 'John Doe', age: 30, score: 95.5, status: 'active', verified: true })
  })
})

t.test('A-51: every kind of choice reaches the user', async t => {
  const shown: JsonObject[] = []
  const content = {
    untitledSingle: 'option1', titledSingle: 'value2', legacyEnum: 'opt3', untitledMulti: ['option1', 'option2'], titledMulti: ['value3']
  }
  const elicitation = (params: JsonObject) => { shown.push(params); return { action: 'accept', content } }
  withEach(t, 'choices', { url, kinds: since('2025-11-25'), options: { answers: { elicitation } } }, async (t, peer) => {
    const text = textOf(await peer.call('test_elicitation_sep1330_enums'))
    t.strictSame(JSON.parse(text.replace(/^.*content=/, '')), content)
    const { requestedSchema } = shown.at(-1) ?? {}
    const legacyEnum = { enumNames: ['Option One', 'Option Two', 'Option Three'] }
    t.match(requestedSchema, { properties: { legacyEnum, titledMulti: { items: { anyOf: [{ const: 'value1' }] } } } })
  })
})

withEach(t, 'A-59, C-10, C-31: progress, a question, progress again', { url, kinds: eliciting }, async (t, peer) => {
  const result = await peer.call('test_streaming_elicitation', {}, { onprogress: () => {} })
  t.match(textOf(result), 'action=accept')
  // Between rounds the client of version 2 reports progress of its own, so the wire is what counts.
  const seen = peer.wire.messages.filter(message => message.method === 'notifications/progress').map(({ params }) => params?.progress)
  t.strictSame(seen, [1, 2])
})

withEach(t, 'A-51, E-60: sampling is answered', { url }, async (t, peer) => {
  t.equal(textOf(await peer.call('test_sampling', { prompt: 'Capital of France?' })), 'LLM response: Paris')
  t.equal(textOf(await peer.call('test_input_required_result_sampling')), 'Paris')
})

withEach(t, 'A-51, E-60: roots are told', { url }, async (t, peer) => {
  t.equal(textOf(await peer.call('test_input_required_result_list_roots')), 'Client roots: file:///work')
})

withEach(t, 'E-60, C-10: several rounds, several questions in one, sealed state', { url, kinds: eliciting }, async (t, peer) => {
  t.equal(textOf(await peer.call('test_input_required_result_elicitation')), 'Hello, Ada!')
  t.equal(textOf(await peer.call('test_input_required_result_multi_round')), 'Ada likes green')
  t.equal(textOf(await peer.call('test_input_required_result_multiple_inputs')), 'Paris Ada (1 roots)')
  t.equal(textOf(await peer.call('test_input_required_result_request_state')), 'state-ok')
  t.equal(textOf(await peer.call('test_input_required_result_tampered_state')), 'integrity-ok')
  t.match(textOf(await peer.call('test_input_required_result_capabilities')), /^Answered: /)
  const prompt = await peer.client.getPrompt({ name: 'test_input_required_result_prompt' })
  t.match(prompt.messages, [{ content: { text: 'Use this context: tests' } }])
})

withEach(t, 'E-60, A-3: a round has an id of its own, the answers, and the state as it came', { url, kinds: MODERNS }, async (t, peer) => {
  await peer.call('test_input_required_result_request_state')
  const [first, second] = peer.wire.tripsOf('tools/call')
  const state = first?.messages[0]?.result?.requestState
  t.type(state, 'string')
  t.equal(second?.sent[0]?.params?.requestState, state)
  t.ok(isObject(second?.sent[0]?.params?.inputResponses))
  t.not(second?.sent[0]?.id, first?.sent[0]?.id)
})

const asked = LEGACY.filter(kind => eliciting.includes(kind))

withEach(t, 'C-11, C-16: a question comes on the stream of its call, once', { url, kinds: asked }, async (t, peer) => {
  await peer.wire.trip(trip => trip.method === 'GET')
  await peer.call('test_elicitation', { message: 'Who?' })
  const carrying = peer.wire.trips.filter(trip => trip.messages.some(message => message.method === 'elicitation/create'))
  t.equal(carrying.length, 1)
  t.equal(carrying[0]?.sent[0]?.method, 'tools/call')
})

const parrot: PeerOptions = {
  answers: { elicitation: ({ message }) => ({ action: 'accept', content: { username: String(message), email: 'x@example.com' } }) }
}

withEach(t, 'A-4, A-37: ten calls that ask at once get their own answers', { url, kinds: eliciting, options: parrot }, async (t, peer) => {
  const questions = Array.from({ length: 10 }, (_, index) => `question ${index}`)
  const texts = await Promise.all(questions.map(async message => textOf(await peer.call('test_elicitation', { message }))))
  t.ok(texts.every((text, index) => text.includes(`"username":"question ${index}"`)), texts.join('\n'))
})

const mute: PeerOptions = { capabilities: {} }

withEach(t, 'A-51, B-20, E-57: a client that cannot be asked is not asked', { url, options: mute }, async (t, peer, { revision }) => {
  if (revision === '2026-07-28') {
    await t.rejects(peer.call('test_missing_capability'), { code: -32021, data: { requiredCapabilities: { sampling: {} } } })
  } else {
    t.equal(await isRefused(peer.call('test_missing_capability')), true)
  }
  t.equal(textOf(await peer.call('test_input_required_result_capabilities')), 'The client can answer nothing')
  t.notOk(peer.wire.messages.some(message => message.method === 'sampling/createMessage'))
})

t.test('A-51, I-17: a client whose model fails', async t => {
  const sampling = () => { throw new Error('the model is out') }
  withEach(t, 'sampling', { url, kinds: [...LEGACY, v1], options: { answers: { sampling } } }, async (t, peer) => {
    t.equal(await isRefused(peer.call('test_sampling', { prompt: 'x' })), true)
    t.equal(textOf(await peer.call('echo', { text: 'and on' })), 'and on')
  })
})
