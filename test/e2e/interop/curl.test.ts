import { startServer } from '@mcp/reference-server/test/process.ts'
import t, { type Test } from 'tap'
import { curl, follow, haveCurl } from './lib/curl.ts'
import { INITIALIZED, LEGACY, initialize, modernHeaders, modernToolCall, toolCall } from './lib/rpc.ts'

const available = haveCurl()
if (!available && process.env.CI === 'true') t.fail('CI has to have curl')

if (available) await withCurl(t)
else t.test('A-34: curl', { skip: 'curl is not installed and cannot be' }, async () => {})

async function withCurl (t: Test): Promise<void> {
  // A process of its own, as people start it.
  const url = await startServer(t, { PORT: '0', LOG_LEVEL: 'warn' }).listening
  const opened = await curl(url, [], initialize())
  const session = ['-H', `Mcp-Session-Id: ${opened.headers['mcp-session-id']}`, '-H', `MCP-Protocol-Version: ${LEGACY}`]

  t.test('A-34, A-35, D-1: a session by hand', async t => {
    t.equal(opened.status, 200)
    t.match(opened.headers['content-type'], 'application/json')
    t.match(JSON.parse(opened.body), { id: 'init', result: { protocolVersion: LEGACY } })
    const accepted = await curl(url, session, INITIALIZED)
    t.equal(accepted.status, 202)
    t.equal(accepted.body, '')
    t.equal(accepted.headers['content-type'], undefined)
    const echoed = await curl(url, session, toolCall('echo', { text: 'über curl' }))
    t.match(JSON.parse(echoed.body), { id: 1, result: { content: [{ text: 'über curl' }] } })
  })

  t.test('C-1, C-2, C-9, C-14: a stream by hand', async t => {
    const { status, headers, body } = await curl(url, session, toolCall('burst', { count: 20 }, { progressToken: 'p' }))
    t.equal(status, 200)
    t.match(headers, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no', 'cache-control': /no-cache/ })
    t.equal(body.match(/^data: \{.*notifications\/progress/gm)?.length, 20)
    t.match(body, /^id: \S+$/m)
    t.match(body.trimEnd().split('\n').at(-1), /^data: .*Sent 20 progress/)
  })

  t.test('C-2: HTTP/1.0', async t => {
    const echoed = await curl(url, ['-0', ...session], toolCall('echo', { text: 'old' }))
    t.match(JSON.parse(echoed.body), { result: { content: [{ text: 'old' }] } })
    const { headers, body } = await curl(url, ['-0', ...session], toolCall('burst', { count: 5 }, { progressToken: 'p' }))
    t.equal(headers['transfer-encoding'], undefined)
    t.not(headers.connection, 'keep-alive')
    t.match(body, 'Sent 5 progress notifications')
  })

  t.test('A-32: large bodies, announced with Expect, and chunked ones', async t => {
    const text = 'x'.repeat(2 * 1024 * 1024)
    for (const more of [['-H', 'Expect: 100-continue'], ['-H', 'Transfer-Encoding: chunked']]) {
      const echoed = await curl(url, [...more, ...session], toolCall('echo', { text }))
      t.equal(JSON.parse(echoed.body).result.content[0].text === text, true)
    }
    t.equal((await curl(url, session, toolCall('echo', { text: text + text }))).status, 413)
  })

  t.test('C-18, C-24: the standalone stream, and what was missed of it', async t => {
    const listening = follow(t, url, ['-H', 'Accept: text/event-stream', ...session])
    await listening.until(/\n: ?\n|\nid:/)
    await curl(url, session, toolCall('test_trigger_tool_change'))
    const output = await listening.until(/list_changed/)
    t.match(output, 'content-type: text/event-stream')
    const id = /^id: (\S+)$/m.exec(output)?.[1]
    const again = follow(t, url, ['-H', 'Accept: text/event-stream', '-H', `Last-Event-ID: ${id}`, ...session])
    t.match(await again.until(/list_changed/), 'notifications/tools/list_changed')
  })

  t.test('B-16, E-13, E-28: modern by hand', async t => {
    const headers = Object.entries(modernHeaders('echo')).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
    const echoed = await curl(url, headers, modernToolCall('echo', { text: 'new' }))
    t.match(JSON.parse(echoed.body), { id: 1, result: { resultType: 'complete', content: [{ text: 'new' }] } })
    t.equal(echoed.headers['mcp-session-id'], undefined)
    const refused = await curl(url, ['-H', 'MCP-Protocol-Version: 2026-07-28'], modernToolCall('echo', { text: 'new' }))
    t.equal(refused.status, 400)
    t.match(JSON.parse(refused.body), { id: 1, error: { code: -32020 } })
  })

  t.test('D-7, D-9: the end of the session', async t => {
    t.match((await curl(url, ['-X', 'DELETE', ...session])).status, /^20[04]$/)
    const gone = await curl(url, session, toolCall('echo', { text: 'x' }))
    t.equal(gone.status, 404)
    t.match(JSON.parse(gone.body), { error: { code: -32600 } })
    t.equal((await curl(url, ['-H', 'Accept: text/event-stream', ...session])).status, 404)
  })
}
