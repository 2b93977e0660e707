import { HttpSseClient, StreamableHttpClient, type ClientTransport, type TransportMessage } from '@mcp/client'
import { mcpLegacySse } from '@mcp/legacy-sse'
import { isObject } from '@mcp/protocol'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { FaultProxy, type Fault } from './lib/fault-proxy.ts'
import { ENVELOPE, INITIALIZE, stepper } from './lib/stepper.ts'

const STEPS = 8
const CALL = { name: 'steps', key: 'k', steps: STEPS }
const ALL = Array.from({ length: STEPS }, (_, n) => n + 1)

type Speech = 'session' | 'modern' | 'http+sse'

interface Outcome {
  /** The answer, the code of the error that stands for it, or the one `send` rejected with. */
  readonly outcome: string
  readonly progress: readonly number[]
  /** How often the server ran the call. */
  readonly runs: number
}

/** One tool call, to which the fault happens once. */
async function through (t: Test, speech: Speech, fault: Fault): Promise<Outcome> {
  const runs = new Map<unknown, number>()
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: exchange => stepper(exchange, runs), retryMs: 5 })
  await app.register(mcpLegacySse, {})
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const proxy = await FaultProxy.start(t, Number(port))
  const options = { reconnect: { initialMs: 5, maxMs: 50, attempts: 5 }, limits: { idleMs: 300 } }
  const at = `http://127.0.0.1:${proxy.port}`
  const client: ClientTransport = speech === 'http+sse'
    ? new HttpSseClient(`${at}/sse`, options)
    : new StreamableHttpClient(`${at}/mcp`, { ...options, standaloneStream: false })
  t.teardown(() => client.close())
  const progress: number[] = []
  const answers = new Map<unknown, (message: TransportMessage) => void>()
  client.onmessage = message => {
    if (isObject(message.params)) progress.push(Number(message.params.progress))
    else answers.get(message.id)?.(message)
  }
  const ask = async (id: string, method: string, params: object): Promise<string> => {
    const answer = new Promise<TransportMessage>(resolve => answers.set(id, resolve))
    const rejected = client.send({ jsonrpc: '2.0', id, method, params }).then(() => new Promise<never>(() => {}), ({ code }) => `rejected ${code}`)
    const outcome = await Promise.race([answer, rejected])
    if (typeof outcome === 'string') return outcome
    return outcome.error === undefined ? 'answered' : `failed ${isObject(outcome.error.data) ? String(outcome.error.data.code) : ''}`
  }
  // The stream of HTTP+SSE is open before anything is called: it is what breaks.
  let left = 1
  const hit = (method: string | undefined): Fault | undefined => method === (speech === 'http+sse' && 'after' in fault ? 'GET' : 'POST') && left-- > 0 ? fault : undefined
  if (speech === 'http+sse' && 'after' in fault) proxy.fault = ({ method }) => hit(method)
  await client.start()
  if (speech !== 'modern') {
    await ask('init', 'initialize', INITIALIZE)
    await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }
  if (!(speech === 'http+sse' && 'after' in fault)) proxy.fault = ({ method }) => hit(method)
  const outcome = await ask('call', 'tools/call', { ...CALL, ...(speech === 'modern' && { _meta: ENVELOPE }) })
  t.ok(left <= 0, 'it happened')
  return { outcome, progress, runs: runs.get('k') ?? 0 }
}

const whole = { outcome: 'answered', progress: ALL, runs: 1 }
const none = { progress: [], runs: 0 }
const cut: Fault = { kind: 'cut', after: 700 }
const stalled: Fault = { kind: 'stalled', after: 700 }

/** What becomes of a call, by what happens to its exchange. A stream without event ids cannot be taken up again. */
const expected: ReadonlyArray<readonly [Fault, Partial<Record<Speech, object>>]> = [
  [cut, { session: whole, modern: { outcome: 'failed MCP_CLIENT_STREAM_ENDED', runs: 1 } }],
  [stalled, { session: whole, modern: { outcome: 'failed MCP_CLIENT_STREAM_ENDED', runs: 1 } }],
  [{ kind: 'trickled' }, { session: whole, modern: whole, 'http+sse': whole }],
  [{ kind: 'crlf' }, { session: whole, modern: whole }],
  [{ kind: 'buffered' }, { session: whole, modern: whole }],
  [{ kind: 'duplicated' }, { session: whole, modern: { outcome: 'answered', runs: 1 } }],
  [{ kind: 'reset', reachesServer: false }, {
    session: { outcome: 'rejected MCP_CLIENT_CONNECTION_LOST', ...none },
    modern: { outcome: 'rejected MCP_CLIENT_CONNECTION_LOST', ...none },
    'http+sse': { outcome: 'rejected MCP_CLIENT_CONNECTION_LOST', ...none }
  }],
  [{ kind: 'reset', reachesServer: true }, {
    session: { outcome: 'rejected MCP_CLIENT_CONNECTION_LOST', runs: 1 },
    modern: { outcome: 'rejected MCP_CLIENT_CONNECTION_LOST', runs: 1 }
  }],
  [{ kind: 'status', status: 502 }, {
    session: { outcome: 'rejected MCP_CLIENT_HTTP_STATUS', ...none },
    modern: { outcome: 'rejected MCP_CLIENT_HTTP_STATUS', ...none },
    'http+sse': { outcome: 'rejected MCP_CLIENT_HTTP_STATUS', ...none }
  }],
  [{ kind: 'status', status: 429 }, { session: whole, modern: whole, 'http+sse': whole }],
  // A session that is gone is begun anew, and the call, which was not run, is sent once more.
  [{ kind: 'status', status: 404 }, {
    session: whole,
    modern: { outcome: 'rejected MCP_CLIENT_HTTP_STATUS', ...none },
    'http+sse': { outcome: 'rejected MCP_CLIENT_HTTP_STATUS', ...none }
  }],
  [{ kind: 'wrong type' }, {
    session: { outcome: 'rejected MCP_CLIENT_UNEXPECTED_CONTENT', runs: 1 },
    modern: { outcome: 'rejected MCP_CLIENT_UNEXPECTED_CONTENT', runs: 1 },
    'http+sse': whole
  }]
]

for (const [fault, outcomes] of expected) {
  for (const [speech, outcome] of Object.entries(outcomes)) {
    t.test(`I-13, I-22, I-25, I-29, C-4, users row 8: ${JSON.stringify(fault)}, ${speech}`, async t => {
      t.match(await through(t, speech as Speech, fault), outcome)
    })
  }
}

t.test('F-17: a stream of HTTP+SSE that is cut, or falls silent, fails the call it owed an answer', async t => {
  for (const fault of [{ kind: 'cut', after: 900 }, { kind: 'stalled', after: 900 }] as const) {
    t.match(await through(t, 'http+sse', fault), { outcome: 'failed MCP_CLIENT_STREAM_ENDED', runs: 1 }, fault.kind)
  }
})
