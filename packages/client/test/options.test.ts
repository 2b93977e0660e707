import t from 'tap'
import { AutoHttpClient, connectHttp, HttpSseClient, StreamableHttpClient, type StreamableClientOptions } from '../src/index.ts'
import { listen, modern, request } from './lib/client.ts'
import { serve } from './lib/server.ts'

t.test('I-30: headers of the user are sent, and those of the protocol cannot be overridden', async t => {
  for (const name of ['Accept', 'Content-Type', 'MCP-Protocol-Version', 'Mcp-Session-Id', 'Mcp-Method', 'mcp-name', 'Mcp-Param-X', 'Last-Event-ID']) {
    t.throws(() => new StreamableHttpClient('http://127.0.0.1/mcp', { headers: { [name]: 'x' } }), { code: 'MCP_CLIENT_BAD_OPTION', message: RegExp(name) })
  }
  const server = await serve(t, seen => seen.result())
  const heard = await listen(t, new StreamableHttpClient(server.url, { headers: { 'X-Team': 'blue', Authorization: 'Basic eDp5' } }))
  const headers = { 'Mcp-Method': 'other', Accept: 'text/html', 'Mcp-Param-Region': 'eu', 'X-Trace': '1', authorization: 'Bearer stolen' }
  await heard.client.send(modern(1, 'tools/list'), { headers })
  t.match(server.seen[0]?.headers, {
    'x-team': 'blue', authorization: 'Basic eDp5', 'mcp-method': 'tools/list', accept: /json/, 'mcp-param-region': 'eu', 'x-trace': '1'
  })
})

t.test('bad options are named', t => {
  const bad: Array<[string | URL, object]> = [
    ['nowhere', {}], ['ftp://127.0.0.1/', {}], ['http://user:secret@127.0.0.1/', {}], ['http://127.0.0.1/', { limits: { idleMs: -1 } }],
    ['http://127.0.0.1/', { limits: { idle: 1 } }], ['http://127.0.0.1/', { reconnect: { attempts: '3' } }], ['http://127.0.0.1/', { queue: { messages: NaN } }]
  ]
  for (const [url, options] of bad) {
    t.throws(() => new StreamableHttpClient(url, options as StreamableClientOptions), { code: 'MCP_CLIENT_BAD_OPTION' })
    t.throws(() => new HttpSseClient(url, options as StreamableClientOptions), { code: 'MCP_CLIENT_BAD_OPTION' })
  }
  t.end()
})

t.test('an option that does not exist, and a bad value of connectHttp, are named', async t => {
  const url = 'http://127.0.0.1:9/mcp'
  const make = [StreamableHttpClient, HttpSseClient, AutoHttpClient].map(Client => () => new Client(url, { timeout: 5 } as object))
  for (const client of make) t.throws(client, { code: 'MCP_CLIENT_BAD_OPTION', message: /option "timeout" is unknown; known are .*timeoutMs/ })
  const bad: Array<[options: object, message: RegExp]> = [
    [{ pins: 'modern' }, /option "pins" is unknown/], [{ pin: 'sse' }, /pin must be one of modern, streamable, http\+sse, got "sse"/],
    [{ timeoutMs: 0 }, /timeoutMs must be a positive number of milliseconds, got 0/], [{ timeoutMs: '5s' }, /got 5s/]
  ]
  for (const [options, message] of bad) await t.rejects(connectHttp(url, options), { code: 'MCP_CLIENT_BAD_OPTION', message })
})

t.test('a base64 name, a query and a fragment in the URL', async t => {
  const server = await serve(t, seen => seen.result())
  const heard = await listen(t, new StreamableHttpClient(`${server.url}?key=1#part`))
  await heard.client.send(request(1, 'x'))
  t.equal(server.seen[0]?.path, '/mcp?key=1')
})
