import t from 'tap'
import { clientAddress } from '../src/index.ts'

const same: Readonly<Record<string, readonly string[]>> = {
  '203.0.113.9': [
    '203.0.113.9', '203.0.113.9:50001', '203.0.113.9:1', ' 203.0.113.9 ', '"203.0.113.9:4711"', '::ffff:203.0.113.9', '::FFFF:cb00:7109',
    '[::ffff:203.0.113.9]:443', '0:0:0:0:0:ffff:203.0.113.9', '[203.0.113.9]:80'
  ],
  '2001:db8:0:0:0:0:0:1': [
    '2001:db8::1', '[2001:db8::1]', '[2001:db8::1]:443', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001', '"[2001:db8::1]:4711"', '2001:db8::0.0.0.1'
  ],
  'fe80:0:0:0:0:0:0:1': ['fe80::1', 'fe80::1%eth0', '[fe80::1%25eth0]:80', 'FE80::1%0'],
  '0:0:0:0:0:0:0:1': ['::1', '[::1]:1'],
  '0:0:0:0:0:0:0:0': ['::'],
  '2001:db8:0:0:0:0:1:443': ['2001:db8::1:443']
}

for (const [address, spellings] of Object.entries(same)) {
  for (const spelling of spellings) t.test(`H-11 ${spelling} is ${address}`, async t => t.equal(clientAddress(spelling), address))
}

t.test('other text stays as it is, and short', async t => {
  for (const text of ['', 'unknown', '_hidden', 'a:b:c', '1.2.3', '1.2.3.4.5', '256.1.1.1', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', '[]:1']) {
    t.equal(clientAddress(text), text)
  }
  t.equal(clientAddress(':'.repeat(10_000)).length, 64)
})
