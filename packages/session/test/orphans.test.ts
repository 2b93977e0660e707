import t from 'tap'
import { memory, node, remote, until } from './helper.ts'

const answer = (id: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result: {} })
const asked = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })

for (const kind of ['memory', 'remote']) {
  t.test(`C-9: a stream whose node died ends with an error for what it still owes, ${kind} storage`, async t => {
    const shared = memory(t)
    const storage = kind === 'memory' ? shared : remote(shared)
    const { sessions } = node(t, storage)
    const owner = { node: 'dead', requestIds: [1, '1', 2] }
    await shared.nodes.beat('dead', 60_000)
    await shared.events.open('s', 'st', owner)
    await shared.events.append('s', 'st', [asked, answer(2)], false)
    let ended = 0
    sessions.orphans.watch('s', 'st', owner, () => ended++)
    await shared.nodes.leave('dead')
    await until(() => ended === 1, 'it was noticed')
    const page = await shared.events.read('s', 'st', 2, 9)
    t.equal(page?.ended, true)
    t.match(page?.events.map(event => JSON.parse(event.message)), [
      { id: 1, error: { code: -32603, message: /is gone/ } }, { id: '1', error: { code: -32603 } }
    ])
  })
}

t.test('a stream of a living node, of this one, or of any, is left alone', async t => {
  const storage = memory(t)
  const { sessions } = node(t, storage)
  await storage.nodes.beat('other', 60_000)
  const owners = ['other', sessions.node, null].map(name => ({ node: name, requestIds: [1] }))
  for (const [index, owner] of owners.entries()) {
    await storage.events.open('s', `st${index}`, owner)
    const stop = sessions.orphans.watch('s', `st${index}`, owner, () => t.fail('it ended'))
    await new Promise(resolve => setImmediate(resolve))
    stop()
    stop()
    t.match(await storage.events.read('s', `st${index}`, 0, 1), { events: [], ended: false })
  }
})

t.test('of two nodes that notice, one ends the stream', async t => {
  const storage = memory(t)
  const [a, b] = [node(t, storage), node(t, storage)]
  const owner = { node: 'dead', requestIds: [7] }
  await storage.events.open('s', 'st', owner)
  let ended = 0
  for (const { sessions } of [a, b]) sessions.orphans.watch('s', 'st', owner, () => ended++)
  await until(() => ended === 2, 'both noticed')
  t.match(await storage.events.read('s', 'st', 0, 9), { events: { length: 1 }, ended: true })
})

t.test('C-9: an end that the storage does not take is written in a later round, and keeps no other stream waiting', async t => {
  const shared = memory(t)
  const storage = remote(shared)
  const { sessions } = node(t, storage)
  const owner = { node: 'dead', requestIds: [7] }
  await shared.nodes.beat('dead', 60_000)
  for (const stream of ['away', 'there']) await shared.events.open('s', stream, owner)
  let refusals = 0
  const append = storage.events.append.bind(storage.events)
  storage.events.append = (session, stream, messages, ended) => {
    return stream === 'away' && ++refusals <= 2 ? Promise.reject(new Error('out of reach')) : append(session, stream, messages, ended)
  }
  const ended: string[] = []
  for (const stream of ['away', 'there']) sessions.orphans.watch('s', stream, owner, () => ended.push(stream))
  await shared.nodes.leave('dead')
  await until(() => ended.length === 2, 'both ended')
  t.strictSame(ended, ['there', 'away'])
  t.match(await shared.events.read('s', 'away', 0, 9), { events: { length: 1 }, ended: true })
})

t.test('C-9: a stream its own node gives up ends with an error for what it still owes', async t => {
  const shared = memory(t)
  let away = true
  const append: typeof shared.events.append = (...args) => {
    if (away) throw new Error('out for lunch')
    return shared.events.append(...args)
  }
  const { open, read, deleteSession } = shared.events
  const events = {
    open: open.bind(shared.events), read: read.bind(shared.events), deleteSession: deleteSession.bind(shared.events), append
  }
  const { sessions, logs } = node(t, { ...shared, events })
  await shared.events.open('s', 'st', { node: sessions.node, requestIds: [1, 2] })
  await shared.events.append('s', 'st', [answer(2)], false)
  let ended = 0
  sessions.orphans.giveUp('s', 'st', [1, 2], () => { ended++ })
  await until(() => logs.length > 0, 'the store refused')
  t.equal(ended, 0)
  away = false
  await until(() => ended > 0, 'it was tried again')
  const page = await shared.events.read('s', 'st', 1, 10)
  t.equal(page?.ended, true)
  t.match(page?.events.map(({ message }) => JSON.parse(message)), [{ id: 1, error: { code: -32603, message: /could not be stored/ } }])
  t.equal(page?.events.length, 1)
})
