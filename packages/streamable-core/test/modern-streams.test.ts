import t from 'tap'
import { modern, readEvents, startApp } from './helper.ts'
import { answer, ask, get, progress, puppet, values } from './session-client.ts'

t.test('C-32, D-21: a modern stream has no ids, no priming and no time to come back; nothing of it is kept', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const session = await node.initialize()
  const [message, fields] = modern('work')
  const reply = node.open(message, { ...fields, ...session, 'mcp-protocol-version': '2026-07-28' })
  const exchange = await requests.next()
  t.equal(exchange.session, null)
  await progress(exchange, 1)
  exchange.detach(1)
  await answer(exchange, { done: true })
  const response = await reply
  t.equal(response.headers.get('mcp-session-id'), null)
  const reader = readEvents(response)
  const events = await reader.rest()
  t.match(values(events), [1, { done: true }])
  t.ok(events.every(({ id, data }) => id === undefined && data !== ''))
  t.strictSame(reader.retries, [])
  t.equal((await get(node, session, { 'mcp-protocol-version': '2026-07-28', 'last-event-id': 'x_1' })).status, 405)
})

t.test('C-31: no requests to the client, and nobody else\'s notifications, on a modern stream', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const replies: Array<Promise<Response>> = []
  const asked = []
  for (const id of [1, 1, 2]) {
    replies.push(node.open(...modern('work', {}, {}, id)))
    asked.push(await requests.next())
  }
  for (const [n, exchange] of asked.entries()) {
    await progress(exchange, n)
    await t.rejects(ask(exchange, 'sampling/createMessage', 1), { code: 'MCP_ENDPOINT_NO_CLIENT_REQUESTS' })
  }
  await node.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  for (const exchange of asked.toReversed()) await answer(exchange)
  for (const [n, reply] of replies.entries()) {
    const events = await readEvents(await reply).rest()
    t.strictSame(events.map(({ message }) => message.method ?? 'response'), ['notifications/progress', 'response'])
    t.equal(events[0]?.message.params?.progress, n)
  }
})

t.test('C-35: what comes after the response, or after the client has gone, reaches no stream and is logged', async t => {
  const { application, requests } = puppet()
  const node = await startApp(t, { application })
  const reply = node.open(...modern('work'))
  const exchange = await requests.next()
  await progress(exchange, 1)
  await answer(exchange)
  await progress(exchange, 2)
  await answer(exchange, { again: true })
  t.equal((await readEvents(await reply).rest()).length, 2)

  const client = new AbortController()
  const [message, fields] = modern('work')
  const lost = node.open(message, fields, client.signal)
  const second = await requests.next()
  const fired = new Promise(resolve => second.signal.addEventListener('abort', resolve))
  client.abort()
  await t.rejects(lost)
  await fired
  await progress(second, 1)
  await answer(second)
  const dropped = node.logs.filter(({ msg }) => msg === 'message dropped').map(line => line.dropped)
  t.strictSame(dropped.slice(0, 3), ['notifications/progress', 'response', 'notifications/progress'])
})
