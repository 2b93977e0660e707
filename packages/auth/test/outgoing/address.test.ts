import t from 'tap'
import { isLoopback, isPublic } from '../../src/outgoing/address.ts'

const inside: Record<string, string[]> = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  'shared by a carrier (CGNAT)': ['100.64.0.1', '100.127.255.255'],
  'link-local, where clouds keep their metadata': ['169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%lo'],
  'unique local': ['fc00::1', 'fdff::1', 'fd00:ec2::254'],
  'site-local': ['fec0::1'],
  'mapped IPv4': ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8'],
  'compatible IPv4': ['::7f00:1', '::127.0.0.1', '::a00:1'],
  'translated IPv4 (NAT64, SIIT)': ['64:ff9b::7f00:1', '64:ff9b:1::a00:1', '::ffff:0:7f00:1'],
  'tunnelled IPv4 (6to4, Teredo)': ['2002:7f00:1::', '2002:a00:1::1', '2001::1', '192.88.99.1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  'reserved, documentation, benchmarks': ['192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '3fff::1'],
  'never given out': ['1::1', '100::1', '4000::1', '5f00::1'],
  'no address': ['', 'localhost', '2130706433', '0x7f000001', '127.1', '[::1]', '8.8.8.8.', '1.2.3.4.5']
}

for (const [range, addresses] of Object.entries(inside)) {
  t.test(`H-15 not public: ${range}`, async t => {
    for (const address of addresses) t.equal(isPublic(address), false, address)
  })
}

t.test('addresses of the internet are public', async t => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1']) {
    t.equal(isPublic(address), true, address)
  }
})

t.test('loopback is what it says, and no disguise of it', async t => {
  for (const address of ['127.0.0.1', '127.8.9.10', '::1']) t.equal(isLoopback(address), true, address)
  for (const address of ['::ffff:127.0.0.1', '::7f00:1', '0.0.0.0', '128.0.0.1', 'localhost']) t.equal(isLoopback(address), false, address)
})
