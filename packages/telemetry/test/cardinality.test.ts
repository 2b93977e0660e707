/** Names are the client's to choose: no number of them may make the figures grow (H-20, and memory of whoever scrapes). */
import { randomBytes } from 'node:crypto'
import type { CallEnd, JsonObject, ObservedCall } from '@mcp/protocol'
import { Registry } from 'prom-client'
import t from 'tap'
import { Meter } from '../src/meter.ts'
import { register } from '../src/metrics.ts'
import { StoredSessions } from '../src/stored-sessions.ts'
import { Vocabulary } from '../src/vocabulary.ts'
import { call, parse, startApp, tool } from './helper.ts'

const ATTACK = 100_000
const request = { method: 'POST', url: '', headers: {} }
const seed = randomBytes(12).toString('base64')
let count = 0
const random = (): string => `${seed}${++count}`

function calling (method: string, params: JsonObject = {}): ObservedCall {
  return { message: { jsonrpc: '2.0', id: 1, method, params }, revision: '2025-11-25', session: null, principal: null, request }
}

const succeeded: CallEnd = { kind: 'answered', response: { jsonrpc: '2.0', id: 1, result: {} } }
const failed = (code: number): CallEnd => ({ kind: 'answered', response: { jsonrpc: '2.0', id: 1, error: { code, message: '' } } })

/** How many samples the text has after an attack. */
async function samplesAfter (attack: (meter: Meter) => void, names = 100, series = 1_000): Promise<Map<string, number>> {
  const meter = new Meter(new Vocabulary(names, []), series)
  const registry = new Registry()
  register(registry, meter, new StoredSessions(new Set(), () => {}))
  attack(meter)
  return parse(await registry.metrics())
}

const counts = (samples: Map<string, number>): Array<[string, number]> => [...samples].filter(([key]) => key.includes('operation_duration_seconds_count'))
const total = (samples: Map<string, number>): number => counts(samples).reduce((sum, [, count]) => sum + count, 0)

t.test('100,000 random tools that nobody has are one', async t => {
  const samples = await samplesAfter(meter => {
    for (let i = 0; i < ATTACK; i++) meter.began(calling('tools/call', { name: random() })).ended(failed(-32602))
  })
  t.equal(counts(samples).length, 1)
  t.match(counts(samples)[0]?.[0], 'gen_ai_tool_name="other"')
  t.equal(total(samples), ATTACK)
})

t.test('100,000 random methods are one', async t => {
  const samples = await samplesAfter(meter => {
    for (let i = 0; i < ATTACK; i++) meter.began(calling(random())).ended(failed(-32601))
  })
  t.equal(counts(samples).length, 1)
  t.match(counts(samples)[0]?.[0], 'mcp_method_name="other"')
  t.equal(total(samples), ATTACK)
})

t.test('an application that answers for every name, with every code, is bounded too', async t => {
  const samples = await samplesAfter(meter => {
    for (let i = 0; i < ATTACK; i++) {
      meter.began(calling('tools/call', { name: random() })).ended(succeeded)
      meter.began(calling('prompts/get', { name: random() })).ended(failed(i))
      meter.refused({ kind: 'refused', rung: random(), status: 400, id: undefined, code: -32600, message: '' })
    }
  })
  t.ok(counts(samples).length <= 101 + 41, `${counts(samples).length} series`)
  t.equal(total(samples), 2 * ATTACK)
  t.equal([...samples.keys()].filter(key => key.startsWith('mcp_server_refusals_total')).length, 1_001)
})

t.test('names times codes times revisions stay below the cap on series', async t => {
  const revisions = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const
  const samples = await samplesAfter(meter => {
    for (let i = 0; i < 100; i++) meter.vocabulary.tools.learn(`tool-${i}`)
    for (let i = 0; i < ATTACK; i++) {
      const revision = revisions[i % revisions.length] ?? '2025-11-25'
      meter.began({ ...calling('tools/call', { name: `tool-${i % 100}` }), revision }).ended(failed(i % 41))
    }
  }, 100, 200)
  t.ok(counts(samples).length <= 200 + 6, `${counts(samples).length} series`)
  t.equal(total(samples), ATTACK)
})

t.test('over the wire: strangers\' names do not get in, those the application lists or answers for do', async t => {
  const { rpc, open, app } = await startApp(t)
  const session = await open()
  for (let i = 0; i < 50; i++) {
    await rpc(tool(`${random()}"} 1\nmade_up{x="`), session)
    await rpc(call(random()), session)
  }
  await rpc(tool('hold-nothing'), session)
  const before = await app.mcpTelemetry.metrics()
  t.strictSame(toolsIn(before), ['other'])
  t.doesNotThrow(() => parse(before))
  await rpc(tool('echo'), session)
  t.strictSame(toolsIn(await app.mcpTelemetry.metrics()), ['echo', 'other'])
  await rpc(call('tools/list'), session)
  await rpc(tool('fail'), session)
  t.strictSame(toolsIn(await app.mcpTelemetry.metrics()), ['echo', 'fail', 'other'])
})

t.test('a name that an application listed is quoted as the format wants it', async t => {
  const name = 'a"b\\c\nd'
  const samples = await samplesAfter(meter => {
    meter.vocabulary.tools.learn(name)
    meter.began(calling('tools/call', { name })).ended(succeeded)
  })
  t.match(counts(samples)[0]?.[0], 'gen_ai_tool_name="a\\"b\\\\c\\nd"')
})

function toolsIn (text: string): string[] {
  return [...new Set([...text.matchAll(/gen_ai_tool_name="([^"]*)"/g)].map(match => match[1] ?? ''))].toSorted()
}
