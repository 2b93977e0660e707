import { StreamableHttpClient, type TransportMessage } from '@mcp/client'
import { isObject, type Exchange } from '@mcp/protocol'
import { randomInt } from 'node:crypto'
import t from 'tap'
import { startEndpoint } from '../interop/lib/apps.ts'
import { Proxy, seeded } from './lib/proxy.ts'

const SCHEDULES = 200
const CALLS = 12
const ENVELOPE = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} }
const METHODS = ['tools/list', 'tools/call'] as const

/** Answers with JSON, or after some progress; counts how often a call was run. */
async function application (exchange: Exchange, runs: Map<unknown, number>): Promise<void> {
  const { message } = exchange
  if (!('id' in message) || !('method' in message)) return
  const { id, method, params = {} } = message
  if (method === 'initialize') {
    const result = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'faults', version: '1' } }
    return exchange.send({ jsonrpc: '2.0', id, result })
  }
  if (method === 'tools/call') runs.set(params.key, (runs.get(params.key) ?? 0) + 1)
  for (let progress = 1; progress <= Number(params.steps ?? 0); progress++) {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: String(params.key), progress } })
    if (progress % 4 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
  await exchange.send({ jsonrpc: '2.0', id, result: { resultType: 'complete', key: params.key } })
}

t.test(`I-12, I-13, I-29: ${SCHEDULES} random schedules of broken connections: every message has one outcome, none runs twice`, async t => {
  const seed = randomInt(2 ** 31)
  t.comment(`seed ${seed}`)
  const runs = new Map<unknown, number>()
  const { app } = await startEndpoint(t, { application: exchange => application(exchange, runs), retryMs: 5 })
  const address = app.server.address()
  const proxy = await Proxy.start(t, isObject(address) ? Number(address.port) : 0)
  const outcomes = { answered: 0, failed: 0, rejected: 0 }
  const faults: string[] = []
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const random = seeded(seed + schedule)
    const modern = random() < 0.3
    const reconnect = { initialMs: 2, maxMs: 20, attempts: 8 }
    const client = new StreamableHttpClient(`http://127.0.0.1:${proxy.port}/mcp`, { reconnect, standaloneStream: random() < 0.5, endSession: random() < 0.5 })
    const settled = new Map<unknown, string[]>()
    const progress = new Map<unknown, number>()
    let wake = (): void => {}
    client.onmessage = (message: TransportMessage) => {
      if (message.method === undefined) settled.set(message.id, [...settled.get(message.id) ?? [], message.error === undefined ? 'answered' : 'failed'])
      else if (isObject(message.params)) {
        const { progressToken, progress: reached } = message.params
        if (reached !== (progress.get(progressToken) ?? 0) + 1) faults.push(`${schedule}: progress ${String(reached)} of ${String(progressToken)}`)
        progress.set(progressToken, Number(reached))
      }
      wake()
    }
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) await new Promise<void>(resolve => { wake = resolve })
    }
    await client.start()
    if (!modern) {
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'faults', version: '1' } }
      await client.send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params })
      await until(() => settled.has('init'))
      await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    }
    const breaks = random() * 0.6
    proxy.allowance = () => random() < breaks ? Math.floor(random() * 1_500) : undefined
    const keys = Array.from({ length: CALLS }, (_, n) => `${schedule}.${n}`)
    await Promise.all(keys.map(key => {
      const method = METHODS[Math.floor(random() * 2)] ?? 'tools/list'
      const params = { key, steps: Math.floor(random() * 20), ...(modern && { _meta: ENVELOPE, name: 'x' }), ...(!modern && { name: 'x' }) }
      return client.send({ jsonrpc: '2.0', id: key, method, params }).catch(() => { settled.set(key, [...settled.get(key) ?? [], 'rejected']) })
    }))
    await until(() => keys.every(key => settled.has(key)))
    proxy.allowance = () => undefined
    await client.close()
    for (const key of keys) {
      const each = settled.get(key) ?? []
      if (each.length !== 1) faults.push(`${key}: ${each.join()}`)
      if ((runs.get(key) ?? 0) > 1) faults.push(`${key} ran ${runs.get(key)} times`)
      for (const outcome of each) outcomes[outcome as keyof typeof outcomes]++
    }
  }
  t.strictSame(faults, [])
  t.comment(JSON.stringify({ ...outcomes, cuts: proxy.cuts }))
  t.ok(proxy.cuts > SCHEDULES, 'connections broke')
  t.ok(outcomes.answered > SCHEDULES * CALLS / 2, 'most calls got their answer')
  t.strictSame(app.server.listening, true)
})
