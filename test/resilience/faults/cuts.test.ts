import { StreamableHttpClient, type TransportMessage } from '@mcp/client'
import { isObject, type Exchange, type JsonObject } from '@mcp/protocol'
import { randomInt } from 'node:crypto'
import t, { type Test } from 'tap'
import { startEndpoint } from '../../e2e/interop/lib/apps.ts'
import { Proxy, seeded } from '../../lib/proxy.ts'
import { v1Sessions, v2Sessions } from '../../e2e/client/lib/servers.ts'

const CUTS = 100
const RECONNECT = { initialMs: 5, maxMs: 50, attempts: 50 }

/** A tool that reports progress until it is told to stop, and then says how often it did. */
async function endless (exchange: Exchange, stop: () => boolean): Promise<void> {
  const { message } = exchange
  if (!('id' in message) || !('method' in message)) return
  const { id } = message
  if (message.method === 'initialize') {
    const result = { protocolVersion: exchange.revision, capabilities: {}, serverInfo: { name: 'endless', version: '1' } }
    return exchange.send({ jsonrpc: '2.0', id, result })
  }
  let progress = 0
  do {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: ++progress, pad: 'x'.repeat(progress % 97) } })
    if (progress % 10 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  } while (!stop())
  await exchange.send({ jsonrpc: '2.0', id, result: { progress } })
}

interface Run {
  readonly progress: number[]
  readonly result: JsonObject
}

/** Calls a tool through the proxy, which breaks its connections. The first one brings an event: without an id there is no way back. */
async function through (t: Test, proxy: Proxy, allowance: () => number, call: object): Promise<Run> {
  const client = new StreamableHttpClient(`http://127.0.0.1:${proxy.port}/mcp`, { reconnect: RECONNECT, standaloneStream: false })
  t.teardown(() => client.close())
  const progress: number[] = []
  const responses = new Map<unknown, (message: TransportMessage) => void>()
  client.onmessage = message => {
    if (message.method === 'notifications/progress' && isObject(message.params)) {
      progress.push(Number(message.params.progress))
    } else if (message.id !== undefined) responses.get(message.id)?.(message)
  }
  const ask = (id: string, method: string, params: object): Promise<TransportMessage> => {
    const answer = new Promise<TransportMessage>(resolve => responses.set(id, resolve))
    return client.send({ jsonrpc: '2.0', id, method, params }).then(() => answer)
  }
  await client.start()
  await ask('init', 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'cut', version: '1' } })
  await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  let connections = 0
  proxy.allowance = () => connections++ === 0 ? 1_500 : allowance()
  const { result, error } = await ask('call', 'tools/call', call)
  if (!isObject(result)) throw new Error(`no result: ${JSON.stringify(error)}`)
  proxy.allowance = () => undefined
  return { progress, result }
}

function oneTo (count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1)
}

t.test(`I-13, I-16, C-27: a stream cut ${CUTS} times at random points: every event once, in order`, async t => {
  const seed = randomInt(2 ** 31)
  t.comment(`seed ${seed}`)
  const random = seeded(seed)
  let cut = false
  const { app } = await startEndpoint(t, {
    application: exchange => endless(exchange, () => cut),
    retryMs: 5,
    limits: { eventsPerSession: 100_000, eventBytesPerSession: 100_000_000 }
  })
  const address = app.server.address()
  const proxy = await Proxy.start(t, isObject(address) ? Number(address.port) : 0)
  const allowance = (): number => {
    cut = proxy.cuts >= CUTS
    return Math.floor(random() ** 3 * 20_000)
  }
  const { progress, result } = await through(t, proxy, allowance, { name: 'endless', _meta: { progressToken: 1 } })
  t.ok(proxy.cuts >= CUTS, `${proxy.cuts} cuts, ${progress.length} events`)
  t.strictSame(progress, oneTo(Number(result.progress)))
})

for (const [name, start] of [['SDK 2.x', v2Sessions], ['SDK 1.x', v1Sessions]] as const) {
  t.test(`I-13, J-9: the same from ${name}, as often as its stream allows`, async t => {
    const seed = randomInt(2 ** 31)
    t.comment(`seed ${seed}`)
    const random = seeded(seed)
    const server = await start(t)
    const proxy = await Proxy.start(t, server.port)
    const call = { name: 'steps', arguments: { count: 500 }, _meta: { progressToken: 1 } }
    const { progress } = await through(t, proxy, () => Math.floor(random() * 6_000), call)
    t.ok(proxy.cuts > 5, `${proxy.cuts} cuts`)
    t.strictSame(progress, oneTo(500))
  })
}
