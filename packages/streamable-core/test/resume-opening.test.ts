/** What a client that resumes holds if its new connection breaks at the worst moment: official ones forget the id they came with. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { mcpStorage, memoryStorage, type Storage } from '@mcp/storage'
import type { Test } from 'tap'
import { call, readEvents, startApp } from './helper.ts'
import { answer, get, progress, puppet, until } from './session-client.ts'

/** A storage whose bus takes it that a connection carries a stream only when told to, or never does. */
function stuck (): { storage: Storage, publishes: () => number, open: () => void, fail: (error: Error) => void } {
  const storage = memoryStorage()
  let count = 0
  let open = (): void => {}
  let fail = (_error: Error): void => {}
  const gate = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  gate.catch(() => {})
  const publish: Storage['bus']['publish'] = (channel, message) => {
    if (!message.includes('"taken"')) return storage.bus.publish(channel, message)
    count++
    return gate.then(() => storage.bus.publish(channel, message))
  }
  const bus = { publish, subscribe: storage.bus.subscribe.bind(storage.bus) }
  return { storage: { ...storage, bus }, publishes: () => count, open, fail }
}

/** A call that sent one event, which the client has, and may send more. */
async function begun (t: Test, storage: Storage, revision?: string) {
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, app => app.register(mcpStorage, { storage }))
  const session = await node.initialize(revision)
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const first = readEvents(await reply)
  let seen = await first.next()
  if (seen?.data === '') seen = await first.next()
  await first.cancel()
  const lastEventId = seen?.id ?? ''
  /** The first bytes of the body on a new connection. */
  const opening = async (): Promise<string> => {
    const response = await get(node, session, { 'last-event-id': lastEventId })
    const reader = response.body?.getReader()
    const { value } = await reader?.read() ?? {}
    await reader?.cancel()
    return new TextDecoder().decode(value)
  }
  return { node, session, exchange, lastEventId, opening }
}

const PRIMING = /^id: \S+\n(retry: \d+\n)?data:$/m
const SECOND = /^id: \S+\ndata: .*"progress":2/m

t.test('C-24, C-27: no headers come before a resumed stream has an event with an id to send, and it comes with them', async t => {
  const { storage, publishes, open } = stuck()
  const { exchange, opening } = await begun(t, storage)
  let headers = false
  const early = opening().finally(() => { headers = true })
  await until(() => publishes() === 1)
  await sleep(100)
  t.notOk(headers, 'this is where a node may die, and the client try again')
  open()
  t.match(await early, PRIMING)
  await progress(exchange, 2)
  await progress(exchange, 3)
  t.match(await opening(), SECOND)
  await answer(exchange, { done: true })
  t.match(await opening(), SECOND, 'and when the stream is over')
})

t.test('C-24, C-27: clients from before priming get what they missed with the headers', async t => {
  const { exchange, opening } = await begun(t, memoryStorage(), '2025-06-18')
  await progress(exchange, 2)
  await progress(exchange, 3)
  t.match(await opening(), SECOND)
  await answer(exchange, { done: true })
  t.match(await opening(), SECOND)
})

t.test('C-30: a connection that is taken over before it began leaves an id too', async t => {
  const { storage, publishes, open } = stuck()
  const { exchange, opening } = await begun(t, storage)
  const waiting = [opening()]
  await until(() => publishes() === 1)
  waiting.push(opening())
  t.match(await waiting[0], PRIMING)
  await progress(exchange, 2)
  waiting.push(opening())
  t.match(await waiting[1], PRIMING)
  open()
  t.match(await waiting[2], SECOND)
})

for (const [error, status] of [[Object.assign(new Error('out of reach'), { statusCode: 503 }), 503], [new Error('broken'), 500]] as const) {
  t.test(`C-27: where the bus does not take it the client gets ${status} and keeps the id it has`, async t => {
    const { storage, publishes, fail } = stuck()
    const { node, session, lastEventId } = await begun(t, storage)
    const response = get(node, session, { 'last-event-id': lastEventId })
    await until(() => publishes() === 1)
    fail(error)
    t.equal((await response).status, status)
    t.equal((await response).headers.has('retry-after'), status === 503)
    await until(() => [...node.app.mcpSessions.live()].every(({ openStreams }) => openStreams === 0))
  })
}
