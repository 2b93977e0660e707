/** Clients that send fields without a value, and `params: null`: what is meant is clear. */
import t from 'tap'
import { call, initializeRequest, modern, startApp } from './helper.ts'

t.test('C-20: empty fields of the head count as absent', async t => {
  const { url, rpc } = await startApp(t)
  for (const empty of ['', ' ']) {
    const fields = { 'mcp-session-id': empty, 'last-event-id': empty, accept: empty, 'content-encoding': empty }
    const opened = await rpc(initializeRequest(), fields)
    t.equal(opened.status, 200)
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
    t.equal((await rpc(call('ping'), { ...fields, ...session })).status, 200)
    const stream = await fetch(url, { headers: { ...session, 'last-event-id': empty, accept: 'text/event-stream' } })
    t.equal(stream.status, 200)
    await stream.body?.cancel()
    const lost = await fetch(url, { headers: { 'mcp-session-id': empty, accept: 'text/event-stream' } })
    t.match([lost.status, await lost.text()], [400, /header is missing/])
    const answer = await rpc({ jsonrpc: '2.0', id: 1, result: {} }, { 'mcp-session-id': empty })
    t.match([answer.status, answer.message.error?.message], [400, /Mcp-Session-Id header is missing/])
  }
})

t.test('E-13: empty fields that mirror the body disagree with it', async t => {
  const { rpc } = await startApp(t)
  const [body, headers] = modern('tools/call', { name: 'x' })
  for (const name of ['mcp-protocol-version', 'mcp-method', 'mcp-name']) {
    t.match(await rpc(body, { ...headers, [name]: '' }), { status: 400, message: { error: { code: -32020 } } }, name)
  }
})

t.test('A-1: params that are null are absent, for the application too', async t => {
  const seen: unknown[] = []
  const { rpc } = await startApp(t, {
    application: ({ message }) => {
      if ('method' in message) seen.push('params' in message)
      return {}
    },
    sessions: false
  })
  t.equal((await rpc({ jsonrpc: '2.0', id: 1, method: 'ping', params: null })).status, 200)
  t.equal((await rpc({ jsonrpc: '2.0', method: 'notifications/initialized', params: null })).status, 202)
  t.equal((await rpc([{ jsonrpc: '2.0', id: 1, method: 'ping', params: null }], { 'mcp-protocol-version': '2025-03-26' })).status, 200)
  t.strictSame(seen, [false, false, false])
  for (const params of [[], 7, 'x']) t.equal((await rpc({ jsonrpc: '2.0', id: 1, method: 'ping', params })).status, 400)
})
