import type { Caller, JsonRpcRequest, MessageGate, Principal, Refusal } from '@mcp/protocol'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { mcpSecurity, type RateLimitOptions } from '../src/index.ts'
import { principal } from './helper.ts'

function caller (who: Principal | null, address = '192.0.2.1'): Caller {
  return { principal: who, head: { method: 'POST', url: 'http://localhost/mcp', headers: {}, rawHeaders: [], address } }
}

function call (name: unknown): JsonRpcRequest {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } }
}

/** The gate the plugin adds. */
async function gateOf (t: Test, rateLimit: RateLimitOptions): Promise<MessageGate> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity, { rateLimit })
  const [gate] = app.mcpGates ?? []
  if (gate === undefined) throw new Error('no gate was added')
  return gate
}

async function verdicts (gate: MessageGate, count: number, message: JsonRpcRequest, who: Caller): Promise<Array<number | null>> {
  const all: Array<Refusal | null> = []
  for (let i = 0; i < count; i++) all.push(await gate.judge(message, who))
  return all.map(refusal => refusal?.status ?? null)
}

const alice = caller(principal('alice'))
const bob = caller(principal('bob'))

t.test('H-10 H-11 a tool has a limit of its own, for each principal', async t => {
  const gate = await gateOf(t, { tools: { mail: { max: 2, timeWindow: '1 hour' } } })
  t.strictSame(await verdicts(gate, 3, call('mail'), alice), [null, null, 429])
  t.strictSame(await verdicts(gate, 2, call('echo'), alice), [null, null], 'other tools do not')
  t.strictSame(await verdicts(gate, 1, call('mail'), bob), [null])
  t.match(await gate.judge(call('mail'), alice), {
    kind: 'refused',
    rung: 'rate-limit',
    status: 429,
    code: -32600,
    id: undefined,
    headers: { 'retry-after': '3600' },
    message: 'Too many messages for tool mail: 2 within 3600 s are allowed; try again in 3600 s'
  })
})

t.test('H-11 a method has a limit of its own, notifications included, and counts beside that of a tool', async t => {
  const gate = await gateOf(t, { methods: { 'tools/call': { max: 3 }, 'notifications/x': { max: 1 } }, tools: { mail: { max: 1 } } })
  t.strictSame(await verdicts(gate, 2, call('mail'), alice), [null, 429])
  t.strictSame(await verdicts(gate, 2, call('echo'), alice), [null, 429], 'what a tool refused counted for the method')
  const notification = { jsonrpc: '2.0', method: 'notifications/x' } as const
  t.equal(await gate.judge(notification, alice), null)
  t.match(await gate.judge(notification, alice), { status: 429 })
})

t.test('H-11 without a principal the address counts, and no address passes for a principal', async t => {
  const gate = await gateOf(t, { tools: { mail: { max: 1 } } })
  t.strictSame(await verdicts(gate, 2, call('mail'), caller(null)), [null, 429])
  t.strictSame(await verdicts(gate, 1, call('mail'), caller(null, '192.0.2.2')), [null])
  t.strictSame(await verdicts(gate, 1, call('mail'), caller(null, '2001:db8::1')), [null])
  t.strictSame(await verdicts(gate, 1, call('mail'), caller(null, '2001:db8::2')), [429])
})

t.test('H-11 names of tools are data: those of objects\' own members, and no names at all', async t => {
  const gate = await gateOf(t, { tools: { mail: { max: 1 } } })
  for (const name of ['__proto__', 'constructor', 'toString', '', 5, null, undefined, {}, ['mail']]) {
    t.strictSame(await verdicts(gate, 2, call(name), alice), [null, null], String(name))
  }
  t.equal(await gate.judge({ jsonrpc: '2.0', id: 1, method: 'tools/call' }, alice), null, 'without params')
})

t.test('without limits for messages there is no gate', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSecurity)
  t.equal(app.mcpGates, undefined)
})
