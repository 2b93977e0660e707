import t from 'tap'
import type { JsonRpcResponse } from '@mcp/protocol'
import { Answers } from '../src/answers.ts'
import { OutboundRequests } from '../src/index.ts'
import { memory, node, ping, torn, until } from './helper.ts'

const response: JsonRpcResponse = { jsonrpc: '2.0', id: 'n.1', result: {} }
const answer = { session: 's', response }
const noError = (error: unknown): void => { throw error }

function waiting (outbound: OutboundRequests, session: string): { heard: JsonRpcResponse[], id: string } {
  const heard: JsonRpcResponse[] = []
  const sent = outbound.rewrite(session, ping(5), { respond: response => heard.push(response) })
  return { heard, id: 'id' in sent ? String(sent.id) : '' }
}

t.test('C-10, C-24: a response for a node that is cut off silently reaches its request when the node is back, once', async t => {
  const { storage, cut, heal } = torn(t)
  const [a, b] = [node(t, storage), node(t, storage)]
  const session = await a.opened()
  const { heard, id } = waiting(a.sessions.outbound, session.id)
  const others = waiting(a.sessions.outbound, session.id)
  const onB = await b.found(session.id)
  cut()
  const answered = { jsonrpc: '2.0' as const, id, result: { action: 'accept' } }
  t.equal(await b.sessions.resolve(onB, answered), true)
  t.strictSame(heard, [])
  heal()
  await until(() => heard.length > 0, 'the response came')
  t.strictSame(heard, [{ jsonrpc: '2.0', id: 5, result: { action: 'accept' } }])
  t.equal(await b.sessions.resolve(onB, answered), true, 'it may come twice')
  heal()
  t.equal(await b.sessions.resolve(onB, { ...answered, id: others.id }), true)
  await until(() => others.heard.length > 0, 'the bus works')
  t.equal(heard.length, 1)
})

t.test('H-17: not what another session says', async t => {
  const { storage, cut, heal } = torn(t)
  const [a, b] = [node(t, storage), node(t, storage)]
  const [mine, yours] = [await a.opened(), await a.opened()]
  const { heard, id } = waiting(a.sessions.outbound, mine.id)
  cut()
  await b.sessions.resolve(await b.found(yours.id), { jsonrpc: '2.0', id, result: { from: 'yours' } })
  await b.sessions.resolve(await b.found(mine.id), { jsonrpc: '2.0', id, result: { from: 'mine' } })
  heal()
  await until(() => heard.length > 0, 'the response came')
  t.strictSame(heard, [{ jsonrpc: '2.0', id: 5, result: { from: 'mine' } }])
})

t.test('a look into the store that fails is tried again, and only then', async t => {
  const { storage, cut, heal, failReads } = torn(t)
  const [a, b] = [node(t, storage), node(t, storage)]
  const session = await a.opened()
  const { heard, id } = waiting(a.sessions.outbound, session.id)
  cut()
  await b.sessions.resolve(await b.found(session.id), { jsonrpc: '2.0', id, result: {} })
  failReads(1)
  heal()
  await until(() => heard.length > 0, 'the response came')
  t.match(a.logs, [{ level: 'error', details: { err: { message: 'failed on purpose' } } }])
})

t.test('what the store does not take is not said to be taken, and nobody is told', async t => {
  const { storage } = torn(t)
  const told: string[] = []
  const events = { ...storage.events, append: async () => { throw new Error('failed on purpose') } }
  const bus = { ...storage.bus, publish: (channel: string) => { told.push(channel) } }
  const answers = new Answers({ ...storage, events, bus }, 'here', new OutboundRequests('here'), noError)
  t.teardown(() => answers.close())
  await t.rejects(answers.forward('n', answer), { message: 'failed on purpose' })
  t.strictSame(told, [])
})

t.test('C-10: on a bus that loses nothing, a node that lives and does not hear is told of', async t => {
  const storage = memory(t)
  const answers = new Answers(storage, 'here', new OutboundRequests('here'), noError)
  t.teardown(() => answers.close())
  t.equal(await answers.forward('n', answer), true, 'A-37: nobody waits on a node that is gone')
  await storage.nodes.beat('n', 60_000)
  t.equal(await answers.forward('n', answer), false)
  await storage.bus.subscribe('node:n', () => {})
  t.equal(await answers.forward('n', answer), true)
  t.equal(await storage.events.read('s', 'answer:n.1', 0, 1), null, 'and nothing is kept')
})

t.test('after closing nobody looks and nobody hears', async t => {
  const { storage, heal, failReads } = torn(t)
  const outbound = new OutboundRequests('here')
  const { heard, id } = waiting(outbound, 's')
  const errors: unknown[] = []
  const answers = new Answers(storage, 'here', outbound, error => errors.push(error))
  await answers.close()
  failReads(Infinity)
  heal()
  await storage.bus.publish('node:here', JSON.stringify({ session: 's', response: { ...response, id } }))
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame([heard, errors], [[], []])
})
