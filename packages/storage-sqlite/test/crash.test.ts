import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sqliteStorage } from '../src/index.ts'
import { startChild } from './helper/child.ts'
import { OWNER, PLENTY, sessionRecord } from './helper/records.ts'
import type { Storage, StoredEvent } from '@mcp/storage'

/** `pnpm test:long` runs more. Each round kills two writers. */
const ROUNDS = Number(process.env.MCP_CRASH_ROUNDS ?? 2)
const EVENTS = { maxEvents: 1_000_000, maxBytes: 1_000_000_000 }
const seed = Number(process.env.MCP_SEED ?? Date.now() % 2 ** 31)

/** What writers were told is kept. */
interface Acknowledged {
  readonly events: Map<number, string>
  readonly sessions: Set<string>
  readonly deleted: Set<string>
  readonly states: Map<string, number>
}

/** Park-Miller: the same moments for the same seed, as far as a machine repeats itself. */
function randomOf (seed: number): () => number {
  let state = seed % 2147483646 + 1
  return () => (state = state * 48271 % 2147483647) / 2147483647
}

interface Run {
  readonly path: string
  readonly writer: string
  readonly start: number
  readonly delayMs: number
  /** What it says before the delay begins. */
  readonly after: 'opening' | 'writing'
}

async function runAndKill ({ path, writer, start, delayMs, after }: Run, kept: Acknowledged): Promise<void> {
  const notes = join(path, `${writer}.notes`)
  rmSync(notes, { force: true })
  const child = startChild('writer.ts', [path, notes, writer, String(start)])
  child.on('message', said => {
    if (said === after) setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [code, signal] = await once(child, 'close')
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${code} ${signal}`)
  // The last line may be cut off: the writer died while it noted it.
  for (const line of readFileSync(notes, 'utf8').split('\n').slice(0, -1)) {
    const [what, first = '', second = ''] = line.split(' ')
    if (what === 'event') kept.events.set(Number(first), JSON.stringify([writer, Number(second)]))
    if (what === 'session') kept.sessions.add(first)
    if (what === 'deleted') kept.deleted.add(first)
    if (what === 'state') kept.states.set(writer, Number(first))
  }
}

async function eventsAfter (storage: Storage, after: number): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  for (;;) {
    const page = await storage.events.read('shared', 'st', found.at(-1)?.position ?? after, 1000)
    if (page === null || page.events.length === 0) return found
    found.push(...page.events)
  }
}

t.test('what was acknowledged survives SIGKILL at any moment, under two writers', { timeout: 60_000 + ROUNDS * 20_000 }, async t => {
  t.comment(`MCP_SEED=${seed}`)
  const random = randomOf(seed)
  const path = t.testdir()
  const kept: Acknowledged = { events: new Map(), sessions: new Set(), deleted: new Set(), states: new Map() }
  let storage = sqliteStorage({ path, events: EVENTS })
  for (const id of ['a', 'b', 'bystander']) await storage.sessions.create(sessionRecord(id, { state: { own: id } }), PLENTY)
  await storage.events.open('shared', 'st', OWNER)
  await storage.events.open('bystander', 'st', OWNER)
  await storage.events.append('bystander', 'st', ['1', '2', '3'], true)

  let end = 0
  for (let round = 0; round < ROUNDS; round++) {
    // By turns there is another process that lives on, and none.
    if (round % 2 === 1) await storage.close()
    await Promise.all(['a', 'b'].map(async writer => {
      const after = random() < 0.75 ? 'writing' : 'opening'
      await runAndKill({ path, writer, start: round, delayMs: random() * 150, after }, kept)
    }))
    if (round % 2 === 1) storage = sqliteStorage({ path, events: EVENTS })

    const fresh = await eventsAfter(storage, end)
    t.ok(fresh.every(({ position }, index) => position === end + 1 + index), `round ${round}: ${fresh.length} events are contiguous`)
    const numbers: Record<string, number> = {}
    for (const { message } of fresh) {
      const [writer, number]: [string, number] = JSON.parse(message)
      if (number !== (numbers[writer] ?? number)) t.fail(`${message} instead of ${numbers[writer]}`)
      numbers[writer] = number + 1
    }
    for (const { position, message } of fresh) {
      const acknowledged = kept.events.get(position)
      if (acknowledged !== undefined && acknowledged !== message) t.fail(`${position} was ${acknowledged} and is ${message}`)
    }
    end += fresh.length
    t.ok([...kept.events.keys()].every(position => position <= end), 'every acknowledged event is there')
  }

  const missing: string[] = []
  for (const id of kept.sessions) {
    const found = await storage.sessions.read(id)
    if (kept.deleted.has(id) ? found !== undefined : found === undefined) missing.push(id)
  }
  // A session whose deletion was not acknowledged may be gone: at most one per kill.
  t.ok(missing.filter(id => !kept.deleted.has(id)).length <= 2 * ROUNDS, `${kept.sessions.size} sessions`)
  t.same(missing.filter(id => kept.deleted.has(id)), [], 'deleted ones stay deleted')
  for (const [writer, count] of kept.states) {
    const state = (await storage.sessions.read(writer))?.state
    t.ok(Number(state?.count) >= count, 'the state is the last acknowledged one, or the one after')
    t.equal(state?.own, writer)
  }
  t.same((await storage.sessions.read('bystander'))?.state, { own: 'bystander' })
  t.same((await storage.events.read('bystander', 'st', 1, 10))?.events.map(event => event.message), ['2', '3'])
  t.ok(kept.events.size > 20 * ROUNDS, `${kept.events.size} acknowledged events, ${end} in all`)
  t.equal(await storage.events.append('shared', 'st', ['"after"'], true), end + 1, 'the stream goes on')
  await storage.close()
})
