import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { alice, bob, startApp, until } from './helper.ts'

const HOLD = '/mcp?hold'

t.test('H-12 a principal has so many POSTs under way; one more gets 429 until one is over', async t => {
  const { post, held, logs } = await startApp(t, { concurrency: { perCaller: 2 } })
  const first = post(alice, HOLD)
  const second = post(alice, HOLD)
  await until(() => held.length === 2)
  const refused = await post(alice)
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('retry-after'), '1')
  t.strictSame(await refused.json(), { jsonrpc: '2.0', error: { code: -32600, message: 'Too many requests of this caller are under way' } })
  t.match(logs.filter(({ rung }) => rung !== undefined), [{ level: 30, rung: 'concurrency', status: 429 }])
  t.equal((await post(bob)).status, 200, 'others are not concerned')
  held.shift()?.send({})
  t.equal((await first).status, 200)
  t.equal((await post(alice)).status, 200)
  held.shift()?.send({})
  await second
})

t.test('H-12 a client that goes away has nothing under way any more', async t => {
  const { post, origin, held } = await startApp(t, { concurrency: { perCaller: 1 } })
  const leaver = new AbortController()
  const left = fetch(origin + HOLD, { method: 'POST', headers: { 'content-type': 'application/json', ...alice }, body: '{}', signal: leaver.signal })
  await until(() => held.length === 1)
  t.equal((await post(alice)).status, 429)
  const closed = once(held[0]?.raw ?? t, 'close')
  leaver.abort()
  await t.rejects(left)
  await closed
  t.equal((await post(alice)).status, 200)
})

t.test('H-12 requests pipelined on one connection count, and no longer when it breaks', async t => {
  const { post, port, held } = await startApp(t, { concurrency: { perCaller: 20 } })
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  const request = `POST ${HOLD} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
  socket.write(request.repeat(20))
  await until(() => held.length === 20)
  t.equal((await post(alice)).status, 429)
  const closed = once(held[0]?.raw ?? t, 'close')
  socket.destroy()
  await closed
  const again = Array.from({ length: 20 }, () => post(alice, HOLD))
  await until(() => held.length === 40)
  for (const reply of held.splice(20)) reply.send({})
  t.strictSame(new Set((await Promise.all(again)).map(({ status }) => status)), new Set([200]))
})

t.test('H-12 a cap for all answers 503 with Retry-After and is logged as a warning', async t => {
  const { post, held, logs } = await startApp(t, { concurrency: { total: 1 } })
  const first = post(alice, HOLD)
  await until(() => held.length === 1)
  const refused = await post(bob)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '1')
  t.match(logs.filter(({ rung }) => rung !== undefined), [{ level: 40, rung: 'concurrency', status: 503 }])
  held[0]?.send({})
  t.equal((await first).status, 200)
  t.equal((await post(bob)).status, 200)
})

t.test('H-12 streams of GET and other routes are not counted; without a principal the address is', async t => {
  const { post, origin, held } = await startApp(t, { concurrency: { perCaller: 1 } })
  const watching = fetch(origin + HOLD, { headers: alice })
  await until(() => held.length === 1)
  t.equal((await post(alice)).status, 200)
  const anybody = { authorization: 'Bearer anybody' }
  const first = post(anybody, HOLD)
  await until(() => held.length === 2)
  t.equal((await post({}, '/open')).status, 429)
  t.equal((await post({}, '/elsewhere')).status, 200)
  for (const reply of held) reply.send({})
  await Promise.all([first, watching])
})

t.test('H-12 app.inject leaves nothing behind', async t => {
  const { app } = await startApp(t, { concurrency: { perCaller: 1 } })
  for (let i = 0; i < 3; i++) t.equal((await app.inject({ method: 'POST', url: '/mcp', headers: alice, payload: {} })).statusCode, 200)
})

t.test('H-12 caps can be switched off', async t => {
  const { post, held } = await startApp(t, { concurrency: false })
  const all = Array.from({ length: 120 }, () => post(alice, HOLD))
  await until(() => held.length === 120)
  for (const reply of held) reply.send({})
  t.strictSame(new Set((await Promise.all(all)).map(({ status }) => status)), new Set([200]))
})
