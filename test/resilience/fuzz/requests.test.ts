/** Anything a socket can carry, against every variant of the endpoint: each request has one answer, which is its own. */
import fc from 'fast-check'
import t from 'tap'
import { Conversations } from './lib/conversation.ts'
import { lanes } from './lib/requests.ts'
import { REQUESTS, SEED } from './lib/settings.ts'
import { startTarget } from './lib/target.ts'

/** That talk at the same time, each with sessions of its own. */
const CREWS = 6
/** Conversations of a crew between two looks at the whole. */
const ROUND = 25
const SHOW_EVERY = 100_000
/** A failure is made smaller for no longer than this, milliseconds. */
const SHRINK_MS = 120_000
const MIB = 2 ** 20

const name = `A-4, A-38, A-39, B-32, H-7, H-13, H-24: ${REQUESTS} requests, whatever they are, are answered each by its own answer`

t.test(name, { timeout: 120_000 + REQUESTS * 5 }, async t => {
  const target = await startTarget(t)
  const crews = Array.from({ length: CREWS }, () => new Conversations(target.ports))
  t.teardown(() => crews.forEach(crew => crew.close()))
  const answered = (): number => crews.reduce((sum, crew) => sum + crew.answered, 0)
  const began = performance.now()
  const rate = (): string => `${(answered() / (performance.now() - began) * 1_000).toFixed(0)}/s`
  t.comment(`seed ${SEED}; MCP_FUZZ_SEED repeats it`)

  const faults: string[] = []
  let rounds = 0
  let shown = 0
  await Promise.all(crews.map(async crew => {
    while (answered() < REQUESTS && faults.length === 0) {
      const fault = await fuzzed(crew, SEED + rounds++)
      if (fault !== null) {
        t.comment(fault)
        faults.push(fault)
      }
      if (answered() - shown < SHOW_EVERY) continue
      shown = answered()
      t.comment(`${shown} requests, ${rate()}, RSS ${((await target.findings()).rss / MIB).toFixed(0)} MiB`)
    }
  }))
  const total = answered()
  const reached = rate()
  for (const crew of crews) crew.close()

  const { harm, rss } = await target.findings()
  const statuses = sumOf(crews.map(crew => crew.statuses))
  const closed = crews.reduce((sum, crew) => sum + crew.closed, 0)
  t.comment(`${total} requests in ${rounds * ROUND} conversations of up to 8 connections, ${reached}; ${closed} connections closed for what came over them`)
  t.comment(`replies ${[...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`).join(', ')}; RSS ${(rss / MIB).toFixed(0)} MiB`)
  t.equal(faults.length, 0, 'every reply is as it has to be')
  t.ok(total >= REQUESTS, 'all of them were sent')
  t.strictSame(harm, [], 'nothing failed inside')
  t.strictSame(target.child.accidents, [], 'the process lives')
  for (const status of [200, 202, 400, 404, 405, 413, 415]) t.ok(statuses.has(status), `some were answered ${status}`)
})

/** @returns what went wrong first as it was, and in its smallest form; `null` where nothing did */
async function fuzzed (crew: Conversations, seed: number): Promise<string | null> {
  const failures: string[] = []
  const property = fc.asyncProperty(lanes, async lanes => {
    try {
      await crew.hold(lanes)
    } catch (error) {
      failures.push(String(error).slice(0, 3_000))
      throw error
    }
  })
  const parameters = { numRuns: ROUND, seed, interruptAfterTimeLimit: SHRINK_MS }
  const { failed, counterexample, counterexamplePath } = await fc.check(property, parameters)
  if (!failed) return null
  return `seed ${seed}, path ${counterexamplePath}\n${failures[0]}\n${failures.at(-1)}\n${JSON.stringify(counterexample).slice(0, 4_000)}`
}

function sumOf (counts: ReadonlyArray<ReadonlyMap<number, number>>): Map<number, number> {
  const sum = new Map<number, number>()
  for (const [status, count] of counts.flatMap(each => [...each])) sum.set(status, (sum.get(status) ?? 0) + count)
  return sum
}
