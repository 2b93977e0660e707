/** Sessions opened, used and abandoned, streams whose client vanished: what node and store hold afterwards is what they held before. */
import { setTimeout as sleep } from 'node:timers/promises'
import path from 'node:path'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import { Child } from '../chaos/lib/child.ts'
import { needing, seeded } from '../chaos/lib/settings.ts'
import { crowd } from './lib/crowd.ts'
import { GONE_MS } from './lib/limits.ts'
import { dropVanished } from './lib/lives.ts'
import type { Gauges } from './lib/node.ts'
import { lmdbStore, redisStore, type Holdings, type Store } from './lib/stores.ts'

/** Of each storage. `MCP_SOAK_SECONDS` says otherwise. */
const SECONDS = Number(process.env.MCP_SOAK_SECONDS ?? 20)
/** Before the first measurement: code is compiled, buffers and pools have found their size. */
const WARM_UP_MS = Math.min(SECONDS * 1000, 60_000)
const MIB = 2 ** 20
/** What a heap differs by from one time to the next though nothing was kept. */
const HEAP_SLACK = 6 * MIB
/** Pages that were freed stay with the process for a while. */
const RSS_SLACK = 64 * MIB
/** Those of the connection the gauges are read over, and of what goes on by itself. */
const FEW_TIMERS = 3

type State = Gauges & { readonly store: Holdings }

const STORES = [['LMDB', lmdbStore, needing()], ['Redis', redisStore, needing('redis')]] as const

for (const [name, open, options] of STORES) {
  const timeout = 240_000 + SECONDS * 2_000
  t.test(`C-29, D-8, D-9: after ${SECONDS} s of clients on ${name}, nothing of them is left`, { skip: options.skip, timeout }, async t => {
    const store = await open(t)
    const node = await startNode(t, store.address)
    const random = seeded()

    await crowd(`${node}/mcp`, random, WARM_UP_MS)
    const before = await settled(node, store)
    const soak = crowd(`${node}/mcp`, random, SECONDS * 1000)
    await sleep(SECONDS * 900)
    const amid = await state(node, store)
    const { came, failures } = await soak
    const after = await settled(node, store)
    dropVanished()

    const total = [...came.values()].reduce((sum, count) => sum + count, 0)
    t.comment([
      `seed ${random.seed}, ${total} clients in ${SECONDS} s: ${[...came].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      line('before', before), line('amid', amid), line('after', after)
    ].join('\n'))
    t.strictSame(failures, [])
    t.strictSame(counts(after), { ...counts(before), live: 0, stored: 0, streams: 0 }, 'no session, stream, socket, listener or entry is left')
    t.ok(after.timers <= before.timers + FEW_TIMERS, 'nor a timer')
    t.ok(after.heap <= before.heap + HEAP_SLACK, 'the heap is what it was')
    t.ok(after.rss <= before.rss + RSS_SLACK, 'so is the process')
    t.ok(after.store.bytes <= before.store.bytes * 1.5 + MIB, 'and the store')
  })
}

function counts ({ live, stored, streams, sockets, listeners, store }: State): object {
  return { live, stored, streams, sockets, listeners, entries: store.entries }
}

async function state (node: string, store: Store): Promise<State> {
  const response = await fetch(`${node}/gauges`)
  const held = await response.json() as Gauges
  return { ...held, store: await store.holdings() }
}

/** Waits until nothing goes any more; what is still there then stays. */
async function settled (node: string, store: Store): Promise<State> {
  const deadline = performance.now() + GONE_MS
  for (let quiet = 0, last = ''; ;) {
    await sleep(1_000)
    const now = await state(node, store)
    const seen = JSON.stringify(counts(now))
    quiet = now.live + now.stored + now.streams === 0 && seen === last ? quiet + 1 : 0
    last = seen
    // Whatever sweeps has been around by then.
    if (quiet >= 5 || performance.now() > deadline) return now
  }
}

async function startNode (t: Test, address: string): Promise<string> {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const program = path.join(import.meta.dirname, 'lib/node.ts')
  const child = new Child(process.execPath, ['--expose-gc', '--conditions=mcp-source', '--import', tsx, program, address])
  t.teardown(() => child.end('SIGKILL'))
  await child.start(/Endpoint http:\S+\n/)
  return /Endpoint (\S+)/.exec(child.output)?.[1] ?? ''
}

function line (when: string, { rss, heap, store, ...rest }: State): string {
  const held = Object.entries(rest).map(([what, count]) => `${what} ${count}`).join(', ')
  return `${when.padEnd(6)} RSS ${mib(rss)}, heap ${mib(heap)}, ${held}; store: entries ${store.entries}, ${mib(store.bytes)}`
}

function mib (bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
