/** Sessions opened, used and abandoned, streams whose client vanished: what node and store hold afterwards is what they held before. */
import { setTimeout as sleep } from 'node:timers/promises'
import path from 'node:path'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import { Child } from '../../chaos/lib/child.ts'
import { seeded } from '../../chaos/lib/settings.ts'
import { crowd } from './crowd.ts'
import { GONE_MS } from './limits.ts'
import { dropVanished } from './lives.ts'
import type { Gauges } from './node.ts'
import type { Holdings, Store } from './stores.ts'

/** `MCP_SOAK_SECONDS` says otherwise; `pnpm test` soaks two storages, beside each other. */
const SECONDS = Number(process.env.MCP_SOAK_SECONDS ?? 90)
/** Before the first measurement: code is compiled, buffers and pools have found their size. */
const WARM_UP_MS = Math.min(SECONDS * 1000 / 3, 60_000)
/** While clients come and go. */
const SAMPLES = 9
const MIB = 2 ** 20
/** What a heap differs by from one time to the next though nothing was kept. */
const HEAP_SLACK = 6 * MIB
/** The same with clients at work: some ask for 6 MiB and do not read them. */
const BUSY_HEAP_SLACK = 24 * MIB
/** Chance decides how large the file becomes. A sweep returns unused pages; the number of rows shows whether anything is left. */
const STORE_SLACK = 2
/** Pages that were freed stay with the process for a while. */
const RSS_SLACK = 64 * MIB
/** Those of the connection the gauges are read over, and of what goes on by itself. */
const FEW_TIMERS = 3

type State = Gauges & { readonly store: Holdings }

/** Declares the test of one storage. */
export function soak (name: string, open: (t: Test) => Promise<Store>, skip: string | false): void {
  const timeout = 240_000 + SECONDS * 2_000
  t.test(`C-29, D-8, D-9: ${SECONDS} s of clients on ${name}: all is flat meanwhile, and nothing of them is left`, { skip, timeout }, async t => {
    const store = await open(t)
    const node = await startNode(t, store.address)
    const random = seeded()

    await crowd(`${node}/mcp`, random, WARM_UP_MS)
    const before = await settled(node, store)
    const clients = crowd(`${node}/mcp`, random, SECONDS * 1000)
    const amid = await samples(node, store)
    const { came, failures } = await clients
    const after = await settled(node, store)
    dropVanished()

    const total = [...came.values()].reduce((sum, count) => sum + count, 0)
    t.comment([
      `seed ${random.seed}, ${total} clients in ${SECONDS} s: ${[...came].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      line('before', before), ...amid.map((sample, index) => line(`${index + 1}/${SAMPLES + 1}`, sample)), line('after', after)
    ].join('\n'))
    t.strictSame(failures, [])
    // The first third against the last: what grows with every client shows, what comes and goes does not.
    const grown = (gauge: (sample: State) => number): number => median(amid.slice(-3).map(gauge)) - median(amid.slice(0, 3).map(gauge))
    t.ok(grown(({ heap }) => heap) <= BUSY_HEAP_SLACK, 'the heap is flat')
    t.ok(grown(({ rss }) => rss) <= RSS_SLACK, 'so is the process')
    t.equal(grown(({ listeners }) => listeners), 0, 'listeners are as many')
    // Before, accounts of clients that have left may still wait for their end in the store.
    const entries = Math.min(before.store.entries, after.store.entries)
    t.strictSame(counts(after), { ...counts(before), live: 0, stored: 0, streams: 0, entries }, 'no session, stream, socket, listener or entry is left')
    t.ok(after.timers <= before.timers + FEW_TIMERS, 'nor a timer')
    t.ok(after.heap <= before.heap + HEAP_SLACK, 'the heap is what it was')
    t.ok(after.rss <= before.rss + RSS_SLACK, 'so is the process')
    t.ok(after.store.bytes <= before.store.bytes * STORE_SLACK + MIB, 'and the store')
  })
}

/** At even distances, the last some time before clients stop coming. */
async function samples (node: string, store: Store): Promise<State[]> {
  const taken: State[] = []
  const start = performance.now()
  while (taken.length < SAMPLES) {
    const due = start + (taken.length + 1) * SECONDS * 1000 / (SAMPLES + 1)
    await sleep(Math.max(0, due - performance.now()))
    taken.push(await state(node, store))
  }
  return taken
}

function median (values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? NaN
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
  const program = path.join(import.meta.dirname, 'node.ts')
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
