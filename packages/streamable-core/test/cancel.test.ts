import t from 'tap'
import { call, readEvents, startApp, type Fields, type TestApp } from './helper.ts'
import { answer, ask, progress, puppet, resume } from './session-client.ts'

async function cancel (node: TestApp, session: Fields, requestId: unknown, reason?: string): Promise<void> {
  const params = { requestId, ...(reason === undefined ? {} : { reason }) }
  const { status, text, headers } = await node.rpc({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, session)
  if (status !== 202 || text !== '' || headers.has('content-type')) throw new Error(`cancelled answered ${status} ${text}`)
}

t.test('A-58, C-12: the client cancels: the signal fires with the reason, the reply ends without a response', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work', {}, 'w'), session)
  const exchange = await requests.next()
  const fired = new Promise(resolve => exchange.signal.addEventListener('abort', () => resolve(exchange.signal.reason)))
  await cancel(node, session, 'w', 'changed my mind')
  t.match(await fired, { name: 'AbortError', message: 'changed my mind' })
  const response = await reply
  t.equal(response.status, 200)
  const reader = readEvents(response)
  t.strictSame(await reader.rest(), [], 'no event id either: a client that had one would come back for the response')
  t.strictSame(reader.retries, [])
})

t.test('A-58: a signal read after the cancellation has fired already', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await cancel(node, session, 1)
  await reply
  t.ok(exchange.signal.aborted)
  t.equal(exchange.signal, exchange.signal)
})

t.test('A-58, C-35: a streaming reply ends as well, and nothing follows, also on resumption', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work', {}, 5), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  const reader = readEvents(await reply)
  const priming = await reader.next()
  await cancel(node, session, 5)
  t.ok(exchange.signal.aborted)
  await progress(exchange, 2)
  await answer(exchange, { late: true })
  await ask(exchange, 'ping', 1)
  t.strictSame((await reader.rest()).map(({ message }) => message.params?.progress), [1])
  t.strictSame((await (await resume(node, session, priming?.id)).rest()).map(({ message }) => message.params?.progress), [1])
  const dropped = node.logs.filter(({ msg }) => msg === 'message dropped').map(({ dropped, reason }) => [dropped, reason])
  t.strictSame(dropped, ['notifications/progress', 'response', 'ping'].map(what => [what, 'the exchange is over']))
})

t.test('A-58: with a client that takes JSON alone, or a server that sends nothing else, the reply is an empty 202', async t => {
  const { application, requests } = puppet()
  for (const options of [{ application }, { application, response: 'json' as const }]) {
    const node = await startApp(t, options)
    const session = await node.initialize()
    const reply = node.rpc(call('work'), { ...session, ...('response' in options ? {} : { accept: 'application/json' }) })
    await requests.next()
    await cancel(node, session, 1)
    const { status, text } = await reply
    t.equal(status, 202)
    t.equal(text, '')
  }
})

t.test('A-58: a detached request can be cancelled too', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const reply = node.open(call('work'), session)
  const exchange = await requests.next()
  exchange.detach(0)
  const [priming] = await readEvents(await reply).rest()
  const back = await resume(node, session, priming?.id)
  await cancel(node, session, 1)
  t.strictSame((await back.rest()).filter(({ data }) => data !== ''), [])
  t.ok(exchange.signal.aborted)
})

t.test('A-58: cancelling what has ended, what never was, or nothing at all, changes nothing', async t => {
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const done = node.rpc(call('work', {}, 1), session)
  const first = await requests.next()
  await answer(first)
  await done
  const reply = node.rpc(call('work', {}, 2), session)
  const second = await requests.next()
  for (const requestId of [1, '2', 99, null, undefined, {}, [], 2.5]) await cancel(node, session, requestId)
  t.notOk(first.signal.aborted)
  t.notOk(second.signal.aborted)
  t.equal(others.size, 0, 'the application hears of cancellations by the signal alone')
  await answer(second, { ok: true })
  t.strictSame((await reply).message.result, { ok: true })
})
