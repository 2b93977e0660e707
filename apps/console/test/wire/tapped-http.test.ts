import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { fetchHttp, type HttpReply } from '@mcp/client/browser'
import { TappedHttp } from '../../src/wire/tapped-http.ts'
import { WireLog } from '../../src/wire/wire-log.ts'

const stream = { 'content-type': 'text/event-stream' }

/** HTTP to a server that answers as told, its log, and how many streams were open each time that changed. */
async function tapped (t: Test, answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response)).listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const log = new WireLog(show => show())
  const open: number[] = []
  const http = new TappedHttp(fetchHttp(), log, count => open.push(count))
  t.teardown(async () => {
    await http.close()
    server.closeAllConnections()
    server.close()
  })
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
  const get = (headers = {}) => http.request({ method: 'GET', url, headers })
  const post = (body: string) => http.request({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body })
  const lines = () => log.entries.value.map(({ request, kind, text, id }) => [request, kind, text, id].filter(part => part !== undefined).join(' '))
  return { http, log, open, get, post, lines }
}

/** Reads until `wanted` was read. */
function readUntil (reply: HttpReply, wanted: string): { arrived: Promise<void>, over: Promise<void> } {
  let text = ''
  let seen: () => void = () => {}
  const arrived = new Promise<void>(resolve => { seen = resolve })
  const over = reply.read(chunk => {
    text += new TextDecoder().decode(chunk)
    if (text.includes(wanted)) seen()
  })
  return { arrived, over }
}

t.test('events, ids, retries and comments of a stream are noted, whatever the chunks', async t => {
  const body = ': \n\nretry: 250\nid: s_0\ndata: \n\nid: s_1\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\nevent: endpoint\ndata: /messages?a=1\n\n'
  const { get, lines, log, open } = await tapped(t, response => {
    response.writeHead(200, stream)
    response.flushHeaders()
    const pieces = body.match(/[^]{1,7}/g) ?? []
    const write = (): void => {
      const piece = pieces.shift()
      if (piece === undefined) response.end()
      else response.write(piece, () => setImmediate(write))
    }
    write()
  })
  const reply = await get({ 'last-event-id': 's_9' }).reply
  await reply.read(() => {})
  t.strictSame(lines(), [
    '1 sent GET /mcp resume after s_9',
    '1 answered 200 text/event-stream',
    '1 comment keep-alive',
    '1 retry come back after 250 ms',
    '1 event empty event, for its id s_0',
    '1 event result (id 1) s_1',
    '1 event endpoint /messages?a=1',
    '1 ended ended by the server'
  ])
  t.strictSame(log.counts.value, { events: 3, comments: 1 })
  t.strictSame(open, [1, 0])
})

t.test('what is sent and answered as JSON is noted with its detail', async t => {
  const { post, lines, log } = await tapped(t, response => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}')
  })
  const reply = await post('{"jsonrpc":"2.0","id":1,"method":"ping"}').reply
  await reply.read(() => {})
  t.strictSame(lines(), ['1 sent POST /mcp ping (id 1)', '1 answered 200 application/json', '1 body error -32601 (id 1)'])
  t.match(log.entries.value[0]?.detail, '"method": "ping"')
})

t.test('a cut looks like a lost network to the client, and lasts', async t => {
  const { http, get, lines } = await tapped(t, response => { response.writeHead(200, stream).write('id: s_1\ndata: 1\n\n') })
  const { arrived, over } = readUntil(await get().reply, 's_1')
  await arrived
  http.cut(60_000)
  await t.rejects(over, { code: 'MCP_CLIENT_CONNECTION_LOST' })
  await t.rejects(get().reply, { code: 'MCP_CLIENT_UNREACHABLE' })
  t.match(lines().slice(-3), ['1 broken the connection was cut', '2 sent GET /mcp', '2 broken no network'])
  http.cut(0)
  t.equal((await get().reply).status, 200)
})

t.test('a server that is not there is noted', async t => {
  const log = new WireLog(show => show())
  const http = new TappedHttp(fetchHttp(), log, () => {})
  await t.rejects(http.request({ method: 'GET', url: new URL('http://127.0.0.1:9/mcp'), headers: {} }).reply)
  t.equal(log.entries.value.at(-1)?.kind, 'broken')
})
