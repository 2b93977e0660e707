/** Many sessions with open streams on one node, calls and bursts beside them: nothing is refused, nothing is lost. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Child } from '../chaos/lib/child.ts'
import { Connection } from '../fuzz/lib/connection.ts'
import { descriptors } from './lib/descriptors.ts'
import { burst, echo, LEGACY, LoadSession } from './lib/client.ts'
import { each, Latencies } from './lib/latencies.ts'
import type { NodeState } from './lib/node.ts'

const WANTED = Number(process.env.MCP_LOAD_SESSIONS ?? 300)
/** Sockets beside those of the sessions: calls, bursts, questions, what Node has open itself. */
const SPARE = 1_300
const SESSIONS = Math.min(WANTED, descriptors() - SPARE)
const FULL = WANTED >= 10_000
const BURSTS = FULL ? 1_000 : 100
const PER_BURST = 100
const CALLS = FULL ? 100_000 : 3_000
const CALLERS = FULL ? 64 : 16
const OPENERS = 64
const MIB = 2 ** 20

t.test(`C-8, C-16, C-17, D-11: ${SESSIONS} sessions with open streams, ${BURSTS} bursts at once, every revision`, { timeout: 60_000 + SESSIONS * 60 }, async t => {
  const node = await startNode(t)
  if (SESSIONS < WANTED) t.comment(`${WANTED} sessions were wanted; ${descriptors()} file descriptors allow ${SESSIONS} (ulimit -n)`)
  const empty = await node.state()
  const say = async (what: string, count: number, began: number, times: Latencies): Promise<void> => {
    const { rss, delay } = await node.state()
    const rate = (count / (performance.now() - began) * 1_000).toFixed(0)
    t.comment(`${count} ${what}: ${rate}/s, ${times}; RSS ${mib(rss)}, event loop p50 ${ms(delay.p50)}, p99 ${ms(delay.p99)}, max ${ms(delay.max)}`)
  }

  const sessions: LoadSession[] = []
  const opening = new Latencies()
  const began = performance.now()
  const revisions = Array.from({ length: SESSIONS }, (_, index) => LEGACY[index % LEGACY.length] ?? LEGACY[0])
  const refused = await each(revisions, OPENERS, async revision => {
    sessions.push(await opening.time(() => LoadSession.open(node.port, revision)))
  })
  await say('sessions opened, each with its stream', sessions.length, began, opening)
  t.strictSame(refused, [], 'no session is refused')
  const open = await node.state()
  t.strictSame([open.sessions, open.streams], [SESSIONS, SESSIONS], 'the node holds each of them with its stream')
  t.comment(`${((open.rss - empty.rss) / SESSIONS / 1024).toFixed(1)} KiB of RSS for each session with its stream`)

  // Every fourth call is modern; the others go round the sessions of three revisions.
  const partner = (index: number): LoadSession | null => index % 4 === 0 ? null : sessions[index % sessions.length] ?? null
  const callers = await connections(t, node.port, CALLERS)
  const calling = new Latencies()
  const called = performance.now()
  const unanswered = await each(Array.from({ length: CALLS }, (_, index) => index), CALLERS, async (index, worker) => {
    await calling.time(() => echo(nth(callers, worker), partner(index), `call ${index}`))
  })
  await say('calls beside them', calling.count, called, calling)
  t.strictSame(unanswered.slice(0, 5), [], 'every call has its answer')

  const carriers = await connections(t, node.port, BURSTS)
  const bursting = new Latencies()
  const burstBegan = performance.now()
  const incomplete = await each(carriers, BURSTS, async (carrier, index) => {
    await bursting.time(() => burst(carrier, partner(index), PER_BURST, `burst ${index}`))
  })
  await say(`bursts of ${PER_BURST} at once`, bursting.count, burstBegan, bursting)
  t.strictSame(incomplete.slice(0, 5), [], 'every notification of every burst came once, in order')

  const published = performance.now()
  await node.publish()
  const deadline = performance.now() + 60_000
  const reached = (): number => sessions.filter(session => session.received > 0).length
  while (reached() < sessions.length && performance.now() < deadline) await sleep(5)
  t.comment(`a change of the tools reached ${reached()} streams in ${ms(performance.now() - published)}`)
  t.strictSame(sessions.filter(session => session.received !== 1 || session.lost).length, 0, 'each of the streams heard of it once, and is open')

  const unended = await each(sessions, CALLERS, async (session, worker) => session.end(nth(callers, worker)))
  t.strictSame(unended.slice(0, 5), [], 'every session ends when it is told to')
  const over = await node.state()
  t.comment(`afterwards ${over.sessions} sessions, ${over.streams} streams; RSS ${mib(over.rss)}; replies ${JSON.stringify(over.statuses)}`)
  t.strictSame([over.sessions, over.streams], [0, 0], 'and nothing of them is left')
  t.strictSame(Object.keys(over.statuses).filter(status => Number(status) >= 400), [], 'nothing was refused on the way')
  t.strictSame(node.child.accidents, [])
})

interface LoadedNode {
  readonly port: number
  readonly child: Child
  state (): Promise<NodeState>
  publish (): Promise<void>
}

async function startNode (t: Test): Promise<LoadedNode> {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const child = new Child(process.execPath, ['--conditions=mcp-source', '--import', tsx, path.join(import.meta.dirname, 'lib/node.ts')])
  t.teardown(() => child.end('SIGKILL'))
  await child.start(/Ports \d+ \d+\n/)
  const [, port, admin] = /Ports (\d+) (\d+)\n/.exec(child.output) ?? []
  return {
    port: Number(port),
    child,
    state: async () => await (await fetch(`http://127.0.0.1:${admin}/state`)).json() as NodeState,
    publish: async () => { await fetch(`http://127.0.0.1:${admin}/publish`, { method: 'POST' }) }
  }
}

async function connections (t: Test, port: number, count: number): Promise<Connection[]> {
  const opened: Connection[] = []
  t.teardown(() => opened.forEach(connection => connection.destroy()))
  await each(Array.from({ length: count }), OPENERS, async () => { opened.push(await Connection.open(port)) })
  return opened
}

function nth<T> (items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`there is no connection ${index}`)
  return item
}

function ms (value: number): string {
  return `${value.toFixed(1)} ms`
}

function mib (bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`
}
