import t from 'tap'
import { nodeChannel } from '../src/channel.ts'
import { forward } from '../src/forward.ts'
import { memory } from './helper.ts'

const answer = { session: 's', response: { jsonrpc: '2.0' as const, id: 'n.1', result: {} } }

t.test('C-10, A-37: a response is offered until the node that waits for it hears', async t => {
  const storage = memory(t)
  await storage.nodes.beat('n', 60_000)
  const heard: string[] = []
  const forwarded = forward(storage, 'n', answer)
  await new Promise(resolve => setImmediate(resolve))
  await storage.bus.subscribe(nodeChannel('n'), text => heard.push(text))
  t.equal(await forwarded, true)
  t.strictSame(heard, [JSON.stringify(answer)])
})

t.test('A-37: nobody waits on a node that is gone, nor on one that goes meanwhile', async t => {
  const storage = memory(t)
  t.equal(await forward(storage, 'n', answer), true)
  await storage.nodes.beat('n', 60_000)
  const forwarded = forward(storage, 'n', answer)
  await storage.nodes.leave('n')
  t.equal(await forwarded, true)
})

t.test('C-10: of a node that lives and hears nothing the client is told', async t => {
  const storage = memory(t)
  await storage.nodes.beat('n', 60_000)
  t.equal(await forward(storage, 'n', answer), false)
})

t.test('a bus that cannot tell who hears is trusted', async t => {
  const storage = memory(t)
  await storage.nodes.beat('n', 60_000)
  t.equal(await forward({ ...storage, bus: { subscribe: () => () => {}, publish: () => {} } }, 'n', answer), true)
})
