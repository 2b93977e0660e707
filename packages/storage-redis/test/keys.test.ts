import t from 'tap'
import { createRequire } from 'node:module'
import { Keys } from '../src/keys.ts'

// The client's own idea of slots.
const slotOf: (key: string) => number = createRequire(createRequire(import.meta.url).resolve('ioredis'))('cluster-key-slot')

t.test('everything of one session has one slot, whatever its id', async t => {
  const keys = new Keys('mcp:')
  for (const id of ['0f3a', '', '}', '{', 'a}b', '{x}', '%7d']) {
    const slots = [keys.session(id), keys.log(id), keys.runs(id), `${keys.streams(id)}st}ream`].map(slotOf)
    t.equal(new Set(slots).size, 1, id)
  }
})

t.test('different sessions have different keys', async t => {
  const keys = new Keys('mcp:')
  const names = ['', 'a', '}', '%7d', 'a}:log', 'a}:stream:x'].flatMap(id => [keys.session(id), keys.log(id), keys.runs(id), keys.streams(id)])
  t.equal(new Set(names).size, names.length)
  t.notOk(names.some(name => name === `${keys.streams('a')}x}:session`))
})

t.test('a prefix with a hash tag keeps everything in one slot', async t => {
  t.notOk(new Keys('mcp:').areInOneSlot)
  t.notOk(new Keys('{}:').areInOneSlot)
  const keys = new Keys('{mcp}:')
  t.ok(keys.areInOneSlot)
  const slots = [keys.session('a'), keys.log('b'), keys.sessions, `${keys.principals}{p}`, keys.node('n')].map(slotOf)
  t.equal(new Set(slots).size, 1)
})
