import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import t from 'tap'
import { StreamableHttpClient } from '../src/index.ts'
import { INITIALIZE_RESULT, listen, shakeHands } from './lib/client.ts'
import { event, serve } from './lib/server.ts'

const SCENARIOS = [
  'never started', 'streams open', 'waiting for a head', 'waiting to resume', 'waiting in the queue', 'refused for now', 'modern listen', 'HTTP+SSE',
  'HTTP+SSE waiting to reconnect', 'HTTP+SSE waiting for an endpoint'
]

t.test('after close() no timer and no socket is left, in whatever state the client was', async t => {
  const server = await serve(t, seen => {
    if (seen.path.endsWith('/sse?once')) seen.stream('event: endpoint\ndata: /m\n\n').end()
    else if (seen.path.endsWith('/sse?silent')) seen.stream()
    else if (seen.path.endsWith('/sse')) seen.stream('event: endpoint\ndata: /m\n\n')
    else if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what === 'GET' || seen.what === 'endless') seen.stream('id: 1\ndata: \n\n')
    else if (seen.what === 'broken') seen.broken(event({ jsonrpc: '2.0', method: 'notifications/progress' }, '1'))
    else if (seen.what === 'throttled') seen.status(503, { 'retry-after': '1' })
    else if (seen.what === 'refused') seen.status(429)
    else if (seen.what !== 'silent') seen.status(202)
  })
  const { code, output, ms } = await run(SCENARIOS, server.url)
  const left: Record<string, unknown> = JSON.parse(output)
  for (const scenario of SCENARIOS) t.same(left[scenario], [], scenario)
  t.equal(code, 0, 'the process exits by itself')
  t.ok(ms < 20_000, `after ${Math.round(ms)} ms`)
})

t.test('I-19: a server that does not answer the DELETE delays the end only so long', async t => {
  const server = await serve(t, seen => {
    if (seen.what === 'initialize') seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' })
    else if (seen.what === 'GET') seen.status(405)
    else if (seen.what !== 'DELETE') seen.status(202)
  })
  const heard = await listen(t, new StreamableHttpClient(server.url, { limits: { briefMs: 100 } }))
  await shakeHands(heard)
  const started = performance.now()
  await heard.client.close()
  t.ok(performance.now() - started < 1_000)
  t.equal(server.whats().at(-1), 'DELETE')
})

t.test('a session may be left for another client', async t => {
  const server = await serve(t, seen => seen.what === 'initialize' ? seen.result(INITIALIZE_RESULT, { 'mcp-session-id': 's' }) : seen.status(202))
  const heard = await listen(t, new StreamableHttpClient(server.url, { endSession: false, standaloneStream: false }))
  await shakeHands(heard)
  await heard.client.close()
  t.strictSame(server.whats(), ['initialize', 'notifications/initialized'])
  t.equal(heard.client.sessionId, 's')
})

async function run (scenarios: readonly string[], url: string): Promise<{ code: unknown, output: string, ms: number }> {
  const script = path.join(import.meta.dirname, 'lib/close-scenario.ts')
  const started = performance.now()
  const child = spawn(process.execPath, ['--conditions=mcp-source', '--import', 'tsx', script, url, ...scenarios], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk })
  const [code] = await once(child, 'close')
  return { code, output, ms: performance.now() - started }
}
