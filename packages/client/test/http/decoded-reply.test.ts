import t from 'tap'
import zlib from 'node:zlib'
import { StreamableHttpClient } from '../../src/index.ts'
import { RECONNECT, listen, notification, request, shakeHands, INITIALIZE_RESULT } from '../lib/client.ts'
import { event, serve, type Seen } from '../lib/server.ts'

const OPTIONS = { reconnect: RECONNECT, standaloneStream: false }

/** Content codings, as servers name them. */
const CODINGS: ReadonlyArray<readonly [name: string, encode: (text: string) => Buffer]> = [
  ['gzip', text => zlib.gzipSync(text)], ['x-gzip', text => zlib.gzipSync(text)], ['GZIP', text => zlib.gzipSync(text)],
  ['deflate', text => zlib.deflateSync(text)], ['deflate', text => zlib.deflateRawSync(text)], ['br', text => zlib.brotliCompressSync(text)],
  ['identity', text => Buffer.from(text)], ['gzip, br', text => zlib.brotliCompressSync(zlib.gzipSync(text))],
  ...'zstdCompressSync' in zlib ? [['zstd', (text: string) => (Reflect.get(zlib, 'zstdCompressSync') as (text: string) => Buffer)(text)] as const] : []
]

function reply (seen: Seen, status: number, type: string, coding: string, body: Buffer): void {
  seen.response.writeHead(status, { 'content-type': type, 'content-encoding': coding }).end(body)
}

function greet (seen: Seen, otherwise: () => void): void {
  if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT)
  else if (seen.body.id === undefined) seen.status(202)
  else otherwise()
}

t.test('I-23: JSON, event streams and errors are decoded, whatever the coding; the client says what it takes', async t => {
  for (const [coding, encode] of CODINGS) {
    const server = await serve(t, seen => greet(seen, () => {
      const message = { jsonrpc: '2.0', id: seen.body.id, ...seen.what === 'fails' ? { error: { code: -32602, message: 'näh' } } : { result: { text: 'ä'.repeat(5_000) } } }
      if (seen.what === 'stream') reply(seen, 200, 'text/event-stream', coding, encode(event(message)))
      else reply(seen, seen.what === 'fails' ? 400 : 200, 'application/json', coding, encode(JSON.stringify(message)))
    }))
    const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
    await shakeHands(heard)
    for (const [id, method] of ['json', 'stream', 'fails'].entries()) await heard.client.send(request(id, method))
    for (const id of [0, 1]) t.match(await heard.answer(id), { result: { text: 'ä'.repeat(5_000) } }, coding)
    t.match(await heard.answer(2), { error: { message: 'näh' } }, coding)
    t.match(server.seen.at(-1)?.headers['accept-encoding'], /gzip, deflate, br/)
  }
})

t.test('an event of a compressed stream arrives when the server flushes it', async t => {
  for (const make of [() => zlib.createGzip(), () => zlib.createBrotliCompress(), () => zlib.createDeflate()]) {
    let finish = (): void => {}
    const server = await serve(t, seen => greet(seen, () => {
      const coder = make()
      const coding = coder instanceof zlib.createGzip().constructor ? 'gzip' : coder instanceof zlib.createDeflate().constructor ? 'deflate' : 'br'
      seen.response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': coding })
      coder.pipe(seen.response)
      coder.write(event({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }))
      coder.flush()
      finish = () => coder.end(event({ jsonrpc: '2.0', id: seen.body.id, result: {} }))
    }))
    const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
    await shakeHands(heard)
    await heard.client.send(request(1, 'x'))
    t.match(await heard.message(message => 'method' in message), { params: { progress: 1 } }, 'before the stream ends')
    finish()
    t.match(await heard.answer(1), { result: {} })
  }
})

t.test('a body that is broken, cut off, or of an unknown coding fails its request, and no other', async t => {
  const whole = zlib.gzipSync(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: 'x'.repeat(1_000) } }))
  const bodies: Record<string, [coding: string, body: Buffer]> = {
    broken: ['gzip', Buffer.from('not compressed at all')], cut: ['gzip', whole.subarray(0, 20)], unknown: ['snappy', whole], often: ['gzip,gzip,gzip,gzip', whole]
  }
  const server = await serve(t, seen => greet(seen, () => {
    const [coding, body] = bodies[seen.what] ?? ['gzip', zlib.gzipSync(JSON.stringify({ jsonrpc: '2.0', id: seen.body.id, result: {} }))]
    reply(seen, 200, 'application/json', coding, body)
  }))
  const heard = await listen(t, new StreamableHttpClient(server.url, OPTIONS))
  await shakeHands(heard)
  for (const what of ['broken', 'cut']) await t.rejects(heard.client.send(request(1, what)), { code: 'MCP_CLIENT_BAD_MESSAGE' }, what)
  for (const what of ['unknown', 'often']) await t.rejects(heard.client.send(request(1, what)), { code: 'MCP_CLIENT_UNEXPECTED_CONTENT' }, what)
  await heard.client.send(request(2, 'fine'))
  t.match(await heard.answer(2), { result: {} })
})

t.test('I-29: a small body that decodes to a huge one is cut at the limit', async t => {
  const bomb = zlib.gzipSync(Buffer.alloc(256 * 1024 * 1024, ' '))
  const server = await serve(t, seen => greet(seen, () => reply(seen, 200, 'application/json', 'gzip', bomb)))
  const heard = await listen(t, new StreamableHttpClient(server.url, { ...OPTIONS, limits: { responseBytes: 1024 * 1024 } }))
  await shakeHands(heard)
  const before = process.memoryUsage().rss
  await t.rejects(heard.client.send(request(1, 'x')), { code: 'MCP_CLIENT_TOO_LARGE' })
  t.ok(process.memoryUsage().rss - before < 128 * 1024 * 1024, 'and is not decoded further')
  await heard.client.send(notification('x'))
})
