/** Requests that wait for their turn on one connection. */
import t from 'tap'
import { answering, modern, rawConnection, rawRequest, signalled, startApp } from './helper.ts'

function pipelined ([body, fields]: ReturnType<typeof modern>): string {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...fields }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return rawRequest('POST', lines, JSON.stringify(body)).replace('Connection: close\r\n', '')
}

t.test('C-34: a connection that breaks cancels what waits on it, too', async t => {
  const COUNT = 20
  const started = signalled()
  const aborted = signalled()
  const [running, gone] = [new Set<unknown>(), new Set<unknown>()]
  const application = answering({
    'tools/call': async exchange => {
      const { id } = exchange.message
      exchange.onAbort(() => { gone.add(id); if (gone.size === COUNT) aborted.resolve() })
      running.add(id)
      // Every other one has begun a stream.
      if (running.size % 2 === 0) await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      if (running.size === COUNT) started.resolve()
      return undefined
    }
  })
  const { port } = await startApp(t, { application })
  const requests = Array.from({ length: COUNT }, (_, index) => pipelined(modern('tools/call', { name: 'x' }, {}, index + 1)))
  const { socket } = await rawConnection(t, port, requests.join(''))
  await started.promise
  socket.destroy()
  await aborted.promise
  t.equal(gone.size, COUNT)
})

t.test('E-37: a listen that waits for its turn does not outlive its connection', async t => {
  const COUNT = 5
  const { port, open } = await startApp(t, { limits: { listens: COUNT } })
  const listen = (id: number): ReturnType<typeof modern> => modern('subscriptions/listen', { notifications: {} }, {}, id)
  const requests = Array.from({ length: COUNT }, (_, index) => pipelined(listen(index + 1)))
  const { socket } = await rawConnection(t, port, requests.join(''))
  const status = async (): Promise<number> => {
    const response = await open(...listen(100))
    await response.body?.cancel()
    return response.status
  }
  while (await status() !== 429);
  socket.destroy()
  while (await status() !== 200);
})

t.test('H-7: what cannot be parsed is never answered in the place, or in the middle, of the reply to an earlier request', async t => {
  const begun = signalled()
  const application = answering({
    'tools/call': async exchange => {
      if (exchange.message.params?.name === 'streams') {
        await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
      }
      begun.resolve()
      await new Promise<void>(resolve => exchange.onAbort(() => resolve()))
      return undefined
    }
  })
  for (const name of ['streams', 'waits']) {
    const { port } = await startApp(t, { application })
    const connection = await rawConnection(t, port, pipelined(modern('tools/call', { name })))
    if (name === 'streams') await connection.until(text => text.includes('progressToken'))
    else await begun.promise
    connection.socket.write('no request\r\n\r\n')
    t.notMatch(await connection.closed(), /HTTP\/1\.1 400/, `one that ${name}`)
  }
  const { port } = await startApp(t, { application })
  const connection = await rawConnection(t, port, 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno size')
  t.match(await connection.closed(), /^HTTP\/1\.1 400 /, 'a broken body is answered')
})
