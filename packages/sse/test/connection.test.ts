import { createGzip } from 'node:zlib'
import { Writable, type Readable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import { mcpSse, messageFrame, SseConnection, type CloseReason } from '../src/index.ts'
import { build, fill, listen, read, until, type Handler } from './helper.ts'

/** Keeps the connections of a route, and why each of them was over. */
function keeping () {
  const connections: SseConnection[] = []
  const reasons: CloseReason[] = []
  const handler: Handler = connection => {
    connections.push(connection)
    connection.onOver(reason => reasons.push(reason))
  }
  const nth = async (n: number): Promise<SseConnection> => {
    await until(() => connections.length > n, `connection ${n} is there`)
    const connection = connections[n]
    if (connection === undefined) throw new Error('no connection')
    return connection
  }
  return { handler, reasons, nth }
}

t.test('C-3: an open stream says something at once and goes on doing so', async t => {
  const { handler } = keeping()
  const reader = await read(t, await listen(await build(t, { keepAliveMs: 30 }, handler)))
  await until(() => reader.text().length >= ':\n\n'.length * 6, 'six comments came')
  t.equal(reader.text().replaceAll(':\n\n', ''), '')
})

t.test('C-3 C-6: a peer that goes away is reported and harms nobody', async t => {
  const { handler, reasons, nth } = keeping()
  const url = await listen(await build(t, { keepAliveMs: 30 }, handler))
  const [leaving, staying] = [await read(t, url), await read(t, url)]
  const [left, stays] = [await nth(0), await nth(1)]
  leaving.leave()
  await until(() => reasons.length === 1, 'the loss was noticed')
  t.same(reasons, ['peer'])
  t.equal(left.open, false)
  left.write(messageFrame('1'))
  left.end(messageFrame('2'))
  left.abort('overflow')
  const before = staying.text().length
  stays.write(messageFrame('3'))
  await until(() => staying.text().length > before + 20, 'the other one goes on')
  t.same(reasons, ['peer'], 'said once')
})

t.test('C-34: a peer that goes away is reported even where a hook stands between', async t => {
  const { handler, reasons, nth } = keeping()
  const app = await build(t, {}, handler)
  app.addHook('onSend', async (_request, _reply, payload) => (payload as Readable).pipe(createGzip()))
  const reader = await read(t, await listen(app))
  await nth(0)
  reader.leave()
  await until(() => reasons.length === 1, 'the loss was noticed')
  t.same(reasons, ['peer'])
})

t.test('C-6: a reader that does not read costs bounded memory and is given up', async t => {
  const { handler, reasons, nth } = keeping()
  const maxUnsentBytes = 128 * 1024
  const reader = await read(t, await listen(await build(t, { maxUnsentBytes }, handler)))
  reader.response.pause()
  const connection = await nth(0)
  const frame = messageFrame('x'.repeat(16 * 1024))
  let highest = 0
  for (let written = 0; connection.open && written < 256 * 1024 * 1024; written += frame.length) {
    connection.write(frame)
    if (connection.open) highest = Math.max(highest, connection.unsent)
    await new Promise(resolve => setImmediate(resolve))
  }
  t.same(reasons, ['overflow'])
  t.ok(highest <= maxUnsentBytes + 2 * frame.length, `at most ${highest} bytes waited`)
  reader.response.resume()
  t.equal(await reader.over, 'cut')
})

t.test('C-6: one large event says nothing about its reader', async t => {
  const { handler, reasons, nth } = keeping()
  const reader = await read(t, await listen(await build(t, { maxUnsentBytes: 1024 }, handler)))
  const connection = await nth(0)
  connection.write(messageFrame('x'.repeat(8 * 1024 * 1024)))
  t.ok(connection.open)
  await new Promise<void>(resolve => connection.onDrain(resolve))
  connection.end(messageFrame('1'))
  t.equal(await reader.over, 'ended')
  t.match(reader.text(), /data: 1\n\n$/)
  t.same(reasons, ['ended'])
})

t.test('C-6: a reader that stalls is given up after a while', async t => {
  const { handler, reasons, nth } = keeping()
  const reader = await read(t, await listen(await build(t, { keepAliveMs: 30, stallMs: 100, maxUnsentBytes: 512 * 1024 * 1024 }, handler)))
  reader.response.pause()
  const connection = await nth(0)
  await fill(connection, 64 * 1024 * 1024)
  t.ok(connection.full)
  await until(() => reasons.length === 1, 'it was given up')
  t.same(reasons, ['overflow'])
})

t.test('C-6: a reader that stalls and comes back is told to its writer', async t => {
  const { handler, reasons, nth } = keeping()
  const reader = await read(t, await listen(await build(t, { maxUnsentBytes: 512 * 1024 * 1024 }, handler)))
  reader.response.pause()
  const connection = await nth(0)
  const written = await fill(connection, 64 * 1024 * 1024)
  const drained = new Promise<void>(resolve => connection.onDrain(resolve))
  t.ok(connection.full)
  reader.response.resume()
  await drained
  t.notOk(connection.full)
  connection.end()
  t.equal(await reader.over, 'ended')
  t.equal(reader.text().replaceAll(':\n\n', '').length, written, 'nothing was lost')
  t.same(reasons, ['ended'])
})

t.test('C-6: a reader that never takes the end is given up, too', async t => {
  const { handler, nth } = keeping()
  let closed = false
  const app = await build(t, { keepAliveMs: 30, stallMs: 100, maxUnsentBytes: 512 * 1024 * 1024 }, (connection, reply) => {
    handler(connection, reply)
    reply.raw.once('close', () => { closed = true })
  })
  const reader = await read(t, await listen(app))
  reader.response.pause()
  const connection = await nth(0)
  await fill(connection, 64 * 1024 * 1024)
  connection.end(messageFrame('1'))
  await until(() => closed, 'the socket was closed')
  reader.response.resume()
  t.equal(await reader.over, 'cut')
})

t.test('C-8: closing the server ends open streams, and does not wait for the clients to hang up', async t => {
  const { handler, reasons, nth } = keeping()
  const app = await build(t, {}, handler)
  const url = await listen(app)
  const readers = [await read(t, url), await read(t, url, { connection: 'keep-alive' })]
  await nth(1)
  const started = Date.now()
  await app.close()
  t.ok(Date.now() - started < 5000, 'within a deadline')
  t.same(reasons, ['ended', 'ended'])
  for (const reader of readers) t.equal(await reader.over, 'ended')
})

t.test('C-8: whoever wants to say a last word at shutdown does', async t => {
  const app = await build(t, {}, connection => connection.onShutdown(() => {
    setImmediate(() => connection.end(messageFrame('"bye"')))
  }))
  const reader = await read(t, await listen(app))
  await app.close()
  t.equal(await reader.over, 'ended')
  t.match(reader.text(), /data: "bye"\n\n$/)
})

t.test('C-8: a stalled reader does not keep the server from closing', async t => {
  const { handler, nth } = keeping()
  const app = await build(t, { keepAliveMs: 30, stallMs: 100, maxUnsentBytes: 512 * 1024 * 1024 }, handler)
  const reader = await read(t, await listen(app))
  reader.response.pause()
  await fill(await nth(0), 64 * 1024 * 1024)
  await app.close()
  t.pass('closed')
})

t.test('C-8: a stream that opens while the server closes asks its client to hang up', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSse)
  let running = false
  let goOn = () => {}
  const gate = new Promise<void>(resolve => { goOn = resolve })
  app.get('/stream', async (_request, reply) => {
    running = true
    await gate
    reply.mcpStream().end(messageFrame('1'))
    return reply
  })
  app.addHook('preClose', async () => goOn())
  const reading = read(t, await listen(app), { connection: 'keep-alive' })
  await until(() => running, 'the request arrived')
  await app.close()
  const reader = await reading
  t.equal(await reader.over, 'ended')
  t.equal(reader.headers.connection, 'close')
  t.match(reader.text(), /data: 1/)
})

t.test('C-6: one that ended before its turn came is forgotten when its peer is gone', async t => {
  let forgotten = 0
  const connection = new SseConnection({ maxUnsentBytes: 1_000, maxStalledSweeps: 3 }, () => { forgotten++ })
  // As a reply that waits behind another one: it takes bytes, and never says that they went or that nobody is there.
  connection.pipe(new Writable({ write: () => {}, final: () => {} }))
  connection.end('data: x\n\n')
  t.equal(forgotten, 0, 'as long as it may be read')
  connection.abort('peer')
  t.equal(forgotten, 1)
})

t.test('C-6: a reader that takes a little at a time is served, however long it takes', async t => {
  const { handler, reasons, nth } = keeping()
  const reader = await read(t, await listen(await build(t, { keepAliveMs: 30, stallMs: 300, maxUnsentBytes: 512 * 1024 * 1024 }, handler)))
  reader.response.pause()
  const connection = await nth(0)
  const size = 24 * 1024 * 1024
  connection.write(messageFrame('x'.repeat(size)))
  connection.write(messageFrame('small'))
  const began = Date.now()
  while (Date.now() - began < 1_500) {
    reader.response.resume()
    await new Promise(resolve => setImmediate(resolve))
    reader.response.pause()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  t.same(reasons, [], 'longer than a stall may last')
  reader.response.resume()
  connection.end()
  t.equal(await reader.over, 'ended')
  t.match(reader.text(), /data: small\n\n(:\n\n)*$/)
})

t.test('C-6: all connections together hold no more than they may: the one that holds most is cut', async t => {
  const { handler, reasons, nth } = keeping()
  const url = await listen(await build(t, { maxTotalUnsentBytes: 32 * 1024 * 1024 }, handler))
  const [big, small] = [await read(t, url), await read(t, url)]
  const [bigs, smalls] = [await nth(0), await nth(1)]
  for (const reader of [big, small]) reader.response.pause()
  smalls.write(messageFrame('s'.repeat(8 * 1024 * 1024)))
  for (let n = 0; n < 3 && bigs.open; n++) bigs.write(messageFrame('b'.repeat(9 * 1024 * 1024)))
  t.same(reasons, ['overflow'])
  t.equal(bigs.open, false)
  t.equal(smalls.open, true)
  small.response.resume()
  smalls.end(messageFrame('1'))
  t.equal(await small.over, 'ended')
  t.match(small.text(), /data: 1\n\n$/, 'nothing of the other one is lost')
})
