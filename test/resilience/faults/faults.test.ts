import { mcpLegacySse } from '@mcp/legacy-sse'
import { mcpStreamable } from '@mcp/streamable-core'
import Fastify, { type FastifyInstance } from 'fastify'
import { randomInt } from 'node:crypto'
import t from 'tap'
import { FaultProxy } from './lib/fault-proxy.ts'
import { CALLS, play } from './lib/schedule.ts'
import { stepper } from './lib/stepper.ts'
import { TimerWatch } from './lib/timer-watch.ts'

const PATIENCE_MS = 60_000

/** `pnpm faults` plays a thousand. */
const SCHEDULES = Number(process.env.MCP_FAULT_SCHEDULES ?? 150)

t.test(`I-12, I-13, I-29: ${SCHEDULES} random schedules of faults: every message has one outcome, none runs twice, nothing is left`, async t => {
  const seed = Number(process.env.MCP_FAULT_SEED ?? randomInt(2 ** 31))
  t.comment(`seed ${seed} (MCP_FAULT_SEED plays it again)`)
  const runs = new Map<unknown, number>()
  const app: FastifyInstance = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await app.register(mcpStreamable, { application: exchange => stepper(exchange, runs), retryMs: 5 })
  await app.register(mcpLegacySse, {})
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const proxy = await FaultProxy.start(t, Number(port))
  const timers = new TimerWatch()
  t.teardown(() => timers.stop())
  const outcomes = { answered: 0, failed: 0, rejected: 0 }
  const faults: string[] = []
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const tooLong = new Promise<undefined>(resolve => { setTimeout(resolve, PATIENCE_MS, undefined).unref() })
    const played = await Promise.race([play(schedule, seed + schedule, proxy, runs), tooLong])
    if (played === undefined) throw new Error(`schedule ${schedule}: a message without an outcome after ${PATIENCE_MS} ms`)
    faults.push(...played.faults)
    for (const kind of ['answered', 'failed', 'rejected'] as const) outcomes[kind] += played.outcomes[kind]
    const left = await timers.left()
    if (left.length > 0) faults.push(`${schedule} left timers: ${left.join(', ')}`)
  }
  t.strictSame(faults, [])
  const happened = Object.fromEntries(proxy.happened)
  t.comment(JSON.stringify({ ...outcomes, ...happened }))
  for (const kind of ['cut', 'stalled', 'trickled', 'crlf', 'buffered', 'duplicated', 'reset', 'status', 'wrong type']) {
    t.ok(Number(happened[kind]) > SCHEDULES / 10, `${kind}: ${happened[kind]} times`)
  }
  t.ok(outcomes.answered > SCHEDULES * CALLS / 2, 'most calls got their answer')
  t.equal(await proxy.connections(), 0, 'no socket is left')
})
