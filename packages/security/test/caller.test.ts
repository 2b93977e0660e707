import t from 'tap'
import { CallerKeys } from '../src/caller.ts'
import { principal } from './helper.ts'

const keys = new CallerKeys(64)

const networks: ReadonlyArray<readonly [string | undefined, string]> = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:50001', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['[2001:db8:0:1::1]:443', '2001:db8:0:1::'],
  ['fe80::1%eth0', 'fe80::'],
  ['2001:db8:0:1:ffff::2', '2001:db8:0:1::'],
  ['2001:DB8:0:1::1', '2001:db8:0:1::'],
  ['::1', '::'],
  [undefined, 'none'],
  ['unknown', 'unknown'],
  ['a:b:c', 'a:b:c']
]

for (const [address, network] of networks) {
  t.test(`H-11 ${address} counts as ${network}`, async t => {
    t.equal(keys.network(address), network)
    t.equal(keys.network(address), network, 'also when it is known')
  })
}

t.test('H-11 keys are short, however long an address claims to be or a subject is', async t => {
  for (const address of ['x'.repeat(10_000), ':'.repeat(10_000)]) t.ok(keys.of(null, address).length < 100)
  t.ok(keys.of(principal('x'.repeat(10_000)), '').length < 100)
  t.not(keys.of(principal('x'.repeat(10_000)), ''), keys.of(principal('x'.repeat(10_001)), ''))
})

t.test('H-11 no address passes for a principal', async t => {
  const alice = keys.of(principal('alice'), '192.0.2.1')
  t.not(keys.of(null, alice), alice)
  t.equal(keys.of(principal('alice'), '192.0.2.2'), alice)
})
