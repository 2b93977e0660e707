/** One random schedule of faults: a client, some calls, and what became of each. */
import { HttpSseClient, StreamableHttpClient, type ClientTransport, type TransportMessage } from '@mcp/client'
import { isObject } from '@mcp/protocol'
import type { Fault, FaultProxy } from './fault-proxy.ts'
import { seeded } from '../../../lib/proxy.ts'
import { ENVELOPE, INITIALIZE } from './stepper.ts'

export const CALLS = 12
const METHODS = ['tools/list', 'tools/call'] as const
const LEGACY_KINDS = ['cut', 'stalled', 'trickled', 'crlf', 'buffered', 'duplicated', 'reset', 'status', 'wrong type'] as const
/** Nobody can tell an event without an id that comes twice from two that say the same. */
const OTHER_KINDS = LEGACY_KINDS.filter(kind => kind !== 'duplicated')
const STATUSES = [500, 502, 503, 429, 404]

export interface Played {
  /** What must not happen: a message without outcome, with two, a call that ran twice, progress out of order. */
  readonly faults: string[]
  readonly outcomes: Readonly<Record<'answered' | 'failed' | 'rejected', number>>
}

/** @param runs How often each call was run, by its key. */
export async function play (name: number, seed: number, proxy: FaultProxy, runs: ReadonlyMap<unknown, number>): Promise<Played> {
  const random = seeded(seed)
  const speech = random()
  const [modern, sse] = [speech < 0.3, speech >= 0.85]
  const reconnect = { initialMs: 2, maxMs: 20, attempts: 8 }
  const options = { reconnect, limits: { idleMs: 120, briefMs: 120 }, standaloneStream: random() < 0.5, endSession: random() < 0.5 }
  const at = `http://127.0.0.1:${proxy.port}`
  const client: ClientTransport = sse ? new HttpSseClient(`${at}/sse`, options) : new StreamableHttpClient(`${at}/mcp`, options)
  const settled = new Map<unknown, string[]>()
  const progress = new Map<unknown, number>()
  const reads = new Set<unknown>()
  const faults: string[] = []
  let wake = (): void => {}
  const settle = (key: unknown, outcome: string): void => {
    settled.set(key, [...settled.get(key) ?? [], outcome])
    wake()
  }
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>(resolve => { wake = resolve })
  }
  client.onmessage = ({ id, method, params, error }: TransportMessage) => {
    if (method === undefined) settle(id, error === undefined ? 'answered' : 'failed')
    else if (isObject(params)) {
      const { progressToken, progress: reached } = params
      // What only reads is asked again when its stream breaks beyond repair, and begins anew.
      const anew = reached === 1 && reads.has(progressToken)
      if (!anew && reached !== (progress.get(progressToken) ?? 0) + 1) faults.push(`${name}: progress ${String(reached)} of ${String(progressToken)}`)
      progress.set(progressToken, Number(reached))
    }
  }
  await client.start()
  const answered = async (id: string): Promise<boolean> => {
    await until(() => settled.has(id))
    return settled.get(id)?.[0] === 'answered'
  }
  if (!modern) await greet(client, answered, id => settle(id, 'rejected'))
  const density = random() * 0.6
  proxy.fault = ({ headers }) => random() < density ? faultOf(random, modern || sse ? OTHER_KINDS : LEGACY_KINDS, 'mcp-session-id' in headers) : undefined
  const keys = Array.from({ length: CALLS }, (_, n) => `${name}.${n}`)
  await Promise.all(keys.map(key => {
    const method = METHODS[Math.floor(random() * 2)] ?? 'tools/list'
    if (method !== 'tools/call') reads.add(key)
    const params = { key, name: 'x', steps: Math.floor(random() * 20), ...(modern && { _meta: ENVELOPE }) }
    return client.send({ jsonrpc: '2.0', id: key, method, params }).catch(() => settle(key, 'rejected'))
  }))
  await until(() => keys.every(key => settled.has(key)))
  proxy.fault = () => undefined
  await client.close()
  const outcomes = { answered: 0, failed: 0, rejected: 0 }
  for (const key of keys) {
    const each = settled.get(key) ?? []
    if (each.length !== 1) faults.push(`${key}: ${each.join()}`)
    if ((runs.get(key) ?? 0) > 1) faults.push(`${key} ran ${runs.get(key)} times`)
    for (const outcome of each) outcomes[outcome as keyof typeof outcomes]++
  }
  return { faults, outcomes }
}

/** On a machine that is busy, the limits of a schedule may be over before the server was heard; that is not what is tried here. */
async function greet (client: ClientTransport, answered: (id: string) => Promise<boolean>, rejected: (id: string) => void): Promise<void> {
  for (let attempt = 0, done = false; !done; attempt++) {
    const id = `init ${attempt}`
    await client.send({ jsonrpc: '2.0', id, method: 'initialize', params: INITIALIZE }).catch(() => rejected(id))
    done = await answered(id)
  }
  await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' }).catch(() => {})
}

function faultOf (random: () => number, kinds: ReadonlyArray<Fault['kind']>, inSession: boolean): Fault {
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'cut'
  const after = Math.floor(random() * 1_200)
  const status = STATUSES[Math.floor(random() * (inSession ? STATUSES.length : STATUSES.length - 1))] ?? 500
  if (kind === 'cut' || kind === 'stalled') return { kind, after }
  if (kind === 'reset') return { kind, reachesServer: random() < 0.5 }
  return kind === 'status' ? { kind, status } : { kind }
}
