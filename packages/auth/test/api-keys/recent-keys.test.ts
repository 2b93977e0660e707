import t from 'tap'
import { createApiKey } from '../../src/index.ts'
import { keptKey } from '../../src/api-keys/kept-key.ts'
import { MemoryKeyRing } from '../../src/api-keys/key-ring.ts'
import { RecentKeys } from '../../src/api-keys/recent-keys.ts'

const principal = (subject: string) => keptKey({ id: subject, hash: '0'.repeat(64) }, 'test').principal

t.test('G-23: a key that was let in is known again, one that differs anywhere is not', async t => {
  const keys = new RecentKeys()
  keys.add('mcp_abc', principal('a'))
  t.equal(keys.find('mcp_abc')?.subject, 'a')
  for (const other of ['mcp_abd', 'Mcp_abc', 'mcp_ab', 'mcp_abcd', '']) t.equal(keys.find(other), null, other)
})

t.test('the newest eight are kept, long ones are not', async t => {
  const keys = new RecentKeys()
  for (let i = 0; i < 10; i++) keys.add(`key ${i}`, principal(String(i)))
  t.strictSame(Array.from({ length: 10 }, (_, i) => keys.find(`key ${i}`)?.subject ?? null), [null, null, ...'23456789'])
  keys.add('x'.repeat(257), principal('long'))
  t.equal(keys.find('x'.repeat(257)), null)
})

t.test('G-21: a key that is taken back is not known any more, one that comes back is, whose it is now', async t => {
  const { key, entry } = createApiKey({ id: 'one' })
  const ring = new MemoryKeyRing([keptKey(entry, 'test')])
  const subject = () => ring.find(key)?.subject
  t.strictSame([subject(), subject()], ['one', 'one'])
  ring.replace([])
  t.equal(subject(), undefined)
  ring.replace([keptKey({ ...entry, id: 'two' }, 'test')])
  t.strictSame([subject(), subject()], ['two', 'two'])
})
