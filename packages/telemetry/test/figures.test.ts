/** What figures are kept in. */
import t from 'tap'
import { KnownNames } from '../src/names.ts'
import { Operations, type Operation } from '../src/operations.ts'
import { StoredSessions } from '../src/stored-sessions.ts'
import { Tally } from '../src/tally.ts'

t.test('knows what it learned, up to its most', async t => {
  const names = new KnownNames(2)
  t.equal(names.label('a'), 'other')
  for (const name of ['a', 'b', 'c']) names.learn(name)
  t.strictSame(['a', 'b', 'c'].map(name => names.label(name)), ['a', 'b', 'other'])
})

t.test('learns no other value and no endless word', async t => {
  const names = new KnownNames(10)
  for (const value of [undefined, null, 7, {}, 'x'.repeat(129)]) names.learn(value)
  t.equal(names.knows('x'.repeat(129)), false)
  names.learn('x'.repeat(128))
  t.equal(names.knows('x'.repeat(128)), true)
})

const call: Operation = { method: 'tools/call', target: 'tool', name: 'echo', revision: '2025-11-25', outcome: 'ok', errorType: '' }
const counted = (operations: Operations): unknown[] =>
  [...operations].map(({ operation: { method, name, outcome }, count }) => [method, name, outcome, count])

t.test('a duration falls into the first bucket whose bound it does not exceed', async t => {
  const operations = new Operations(10)
  for (const seconds of [0, 0.01, 0.010001, 300, 301]) operations.observe(call, seconds)
  const [series] = operations
  t.strictSame(series?.buckets, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
  t.equal(series?.count, 5)
  t.equal(series?.sum, 601.020001)
})

t.test('when its series are used up, names go first and then everything but the outcome', async t => {
  const operations = new Operations(3)
  operations.observe(call, 1)
  operations.observe({ ...call, name: 'other' }, 1)
  operations.observe({ ...call, method: 'ping', name: '' }, 1)
  for (const name of ['a', 'b', 'echo']) operations.observe({ ...call, name }, 1)
  t.strictSame(counted(operations), [['tools/call', 'echo', 'ok', 2], ['tools/call', 'other', 'ok', 3], ['ping', '', 'ok', 1]])
  for (const errorType of ['-1', '-2', '-3']) operations.observe({ ...call, outcome: 'error', errorType }, 1)
  operations.observe({ ...call, method: 'tools/list', name: '' }, 1)
  t.strictSame(counted(operations).slice(3), [['other', '', 'error', 3], ['other', '', 'ok', 1]])
})

t.test('counts by labels and sums by one of them', async t => {
  const tally = new Tally(['kind', 'reason'], 10)
  tally.add(1, 'post', 'ended')
  tally.add(2, 'post', 'ended')
  tally.add(4, 'post', 'peer')
  tally.add(8, 'listen', 'peer')
  t.strictSame([...tally.entries()].map(({ labels, value }) => [labels, value]), [
    [{ kind: 'post', reason: 'ended' }, 3], [{ kind: 'post', reason: 'peer' }, 4], [{ kind: 'listen', reason: 'peer' }, 8]
  ])
  t.strictSame(tally.by('kind'), { post: 7, listen: 8 })
  t.equal(tally.total, 15)
})

t.test('beyond the most, everything new counts together and nothing is lost', async t => {
  const tally = new Tally(['rung'], 2)
  for (let i = 0; i < 1_000; i++) tally.add(1, `rung-${i}`)
  tally.add(1, 'rung-0')
  t.strictSame(tally.by('rung'), { 'rung-0': 2, 'rung-1': 1, other: 998 })
})

t.test('sums what the storages say, at once where they do', async t => {
  const stored = new StoredSessions(new Set([{ count: () => 2 }, { count: () => 3 }]), error => t.fail(String(error)))
  t.equal(stored.last(), 5)
  t.equal(await stored.now(), 5)
  t.equal(new StoredSessions(new Set(), () => {}).last(), 0)
})

t.test('of a remote one it knows what was said last', async t => {
  let count = 7
  const stored = new StoredSessions(new Set([{ count: async () => count }]), error => t.fail(String(error)))
  t.equal(stored.last(), null)
  t.equal(await stored.now(), 7)
  count = 8
  t.equal(stored.last(), 7)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(stored.last(), 8)
})

t.test('a storage that fails is not known any more, and harms nobody', async t => {
  const errors: unknown[] = []
  let fails = false
  const stored = new StoredSessions(new Set([{
    count: async () => {
      if (fails) throw new Error('out of reach')
      return 4
    }
  }]), error => errors.push(error))
  t.equal(await stored.now(), 4)
  fails = true
  t.equal(await stored.now(), null)
  t.equal(errors.length, 1)
  const throwing = new StoredSessions(new Set([{ count: () => { throw new Error('closed') } }]), error => errors.push(error))
  t.equal(throwing.last(), null)
  t.equal(errors.length, 2)
})
