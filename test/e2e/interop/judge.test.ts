/** The judge of the other tests finds what it is there to find. */
import t from 'tap'
import { faultsOf, published } from './lib/judge.ts'
import { initialize, modernToolCall, toolCall } from './lib/rpc.ts'
import { Wire } from './lib/wire.ts'

t.comment(`wire messages are judged by the schemas of the SDK${published ? ' and the published ones of every revision' : ' alone'}`)
if (!published) t.test('judged by the published JSON Schemas', { skip: 'they do not lie beside this checkout' }, async () => {})

const stream = { 'content-type': 'text/event-stream' }
const session = { 'mcp-session-id': 's' }

interface Reply { body?: unknown, status?: number, headers?: Record<string, string> }

/** What is wrong with these replies to these requests. */
async function faults (...trips: ReadonlyArray<readonly [sent: object, reply: Reply]>): Promise<string[]> {
  const wire = new Wire()
  for (const [sent, { body, status = 200, headers = { 'content-type': 'application/json' } }] of trips) {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    wire.through = async () => new Response(text ?? null, { status, headers })
    const response = await wire.fetch('http://127.0.0.1/mcp', { method: 'POST', body: JSON.stringify(sent) })
    await response.text()
  }
  return faultsOf(wire)
}

function opened (protocolVersion: string): [object, Reply] {
  const result = { protocolVersion, capabilities: {}, serverInfo: { name: 'x', version: '1' } }
  return [initialize(protocolVersion), { body: { jsonrpc: '2.0', id: 'init', result } }]
}

function result (value: object): Reply {
  return { body: { jsonrpc: '2.0', id: 1, result: value } }
}

function events (...messages: object[]): Reply {
  return { body: messages.map((message, index) => `id: ${index}\ndata: ${JSON.stringify(message)}\n\n`).join(''), headers: stream }
}

const answer = { jsonrpc: '2.0', id: 1, result: { content: [] } }

t.test('nothing is wrong with what is right', async t => {
  t.strictSame(await faults(opened('2025-06-18'), [toolCall('x'), result({ content: [{ type: 'text', text: 'x' }] })]), [])
  t.strictSame(await faults([modernToolCall('x'), result({ resultType: 'complete', content: [] })]), [])
  t.strictSame(await faults(opened('2025-11-25'), [toolCall('x'), events(answer)], [toolCall('x'), { status: 202, headers: {} }]), [])
})

t.test('wrong shapes are found', async t => {
  t.match(await faults(opened('2025-06-18'), [toolCall('x'), result({ content: [{ type: 'text' }] })]), [/CallToolResult/])
  t.match(await faults([toolCall('x'), { body: { jsonrpc: '2.0', id: 1, error: { code: 'x', message: 'x' } } }]), [/JSONRPCErrorResponse/])
  t.match(await faults([toolCall('x'), { body: { jsonrpc: '2.0', id: 2, result: {} } }]), [/a response nobody waits for/])
  t.match(await faults([toolCall('x'), events({ jsonrpc: '2.0', method: 'notifications/made_up' })]), [/no message a server sends/])
})

t.test('what a revision does not know is found', { skip: !published && 'needs the published schemas' }, async t => {
  const link = result({ content: [{ type: 'resource_link', uri: 'a:b', name: 'x' }] })
  t.strictSame(await faults(opened('2025-06-18'), [toolCall('x'), link]), [])
  t.match(await faults(opened('2025-03-26'), [toolCall('x'), link]), [/2025-03-26 CallToolResult/])
  t.match(await faults([modernToolCall('x'), result({ content: [] })]), Array(2).fill(/2026-07-28 .*resultType/))
  const params = { message: 'x', requestedSchema: { type: 'object', properties: {} } }
  const elicit = { jsonrpc: '2.0', id: 7, method: 'elicitation/create', params }
  t.match(await faults(opened('2025-03-26'), [toolCall('x'), events(elicit, answer)]), [/2025-03-26 defines no ElicitRequest/])
})

t.test('what HTTP may not carry is found', async t => {
  t.match(await faults([toolCall('x'), { status: 202, body: 'ok', headers: {} }]), [/A-35/])
  t.match(await faults([toolCall('x'), { status: 500, headers: {} }]), [/status of 500/])
  t.match(await faults([toolCall('x'), { body: answer, headers: { 'content-type': 'application/json', ...session } }]), [/D-1/])
  const complete = { ...answer, result: { resultType: 'complete', content: [] } }
  t.match(await faults([modernToolCall('x'), events(complete)]), [/C-32/])
})

t.test('what comes twice or goes backwards is found', async t => {
  t.match(await faults([toolCall('x'), events(answer)], [toolCall('x'), events(answer)]), [/event \/0 came twice/])
  const method = 'notifications/progress'
  const progress = (value: number) => ({ jsonrpc: '2.0', method, params: { progressToken: 'p', progress: value } })
  t.match(await faults([toolCall('x'), events(progress(2), progress(2), answer)]), [/A-59 progress went from 2 to 2/])
})
