import t from 'tap'
import { Reach } from '../../src/outgoing/reach.ts'

/** Whether a reach lets this URL lead to this address. */
const leads = (allow: string[], url: string, address: string): boolean => new Reach({ allow }).fault(address, new URL(url)) === null

t.test('nothing but the internet unless allowed', async t => {
  t.equal(leads([], 'https://id.example/', '8.8.8.8'), true)
  for (const address of ['10.0.0.1', '100.64.0.1', 'fd00::1', '127.0.0.1', '169.254.169.254']) t.equal(leads([], 'https://id.example/', address), false, address)
})

t.test('a host may be private, on any port or on one', async t => {
  const rows: ReadonlyArray<readonly [entry: string, open: string[], shut: string[]]> = [
    ['id.internal', ['https://id.internal/', 'https://ID.internal:8443/x'], ['https://x.id.internal/', 'https://id.internal.evil/', 'https://id.internal./']],
    ['ID.Internal:8443', ['https://id.internal:8443/'], ['https://id.internal/', 'https://id.internal:844/']],
    ['keycloak:443', ['https://keycloak/', 'https://keycloak:443/'], ['https://keycloak:444/']],
    ['bücher.example', ['https://xn--bcher-kva.example/'], ['https://bucher.example/']],
    ['10.1.2.3', ['https://10.1.2.3/', 'https://0x0a010203:8443/'], ['https://10.1.2.4/']],
    ['10.1.2.3:8443', ['https://10.1.2.3:8443/'], ['https://10.1.2.3/']],
    ['fd00:0:0::1', ['https://[fd00::1]/'], ['https://[fd00::2]/']],
    ['[fd00::1]:8443', ['https://[fd00::1]:8443/'], ['https://[fd00::1]/']]
  ]
  for (const [entry, open, shut] of rows) {
    for (const address of ['10.1.2.3', '172.16.0.1', '192.168.0.1', '100.64.0.1', 'fd00::1']) {
      for (const url of open) t.equal(leads([entry], url, address), true, `${entry} ${url} ${address}`)
      for (const url of shut) t.equal(leads([entry], url, address), false, `${entry} ${url} ${address}`)
    }
    for (const url of open) {
      t.equal(leads([entry], url.replace('https', 'http'), '10.1.2.3'), false, 'without TLS')
      for (const address of ['127.0.0.1', '::1', '169.254.169.254', 'fe80::1', '0.0.0.0', '::ffff:10.1.2.3', '224.0.0.1', 'x']) {
        t.equal(leads([entry], url, address), false, `${entry} ${url} ${address}`)
      }
    }
  }
})

t.test('a block is all of its addresses, by whatever name', async t => {
  const allow = ['id.internal', '10.1.0.0/16', 'fd00:1::/32', '169.254.169.254/32']
  for (const address of ['10.1.0.0', '10.1.255.255', 'fd00:1::1', '169.254.169.254']) t.equal(leads(allow, 'https://a.example/', address), true, address)
  for (const address of ['10.2.0.0', 'fd00:2::1', '169.254.169.253', '::ffff:10.1.0.1', '64:ff9b::a01:1', 'x']) {
    t.equal(leads(allow, 'https://a.example/', address), false, address)
  }
  t.equal(leads(allow, 'http://a.example/', '10.1.0.1'), false)
})

t.test('what is neither host nor block is refused', async t => {
  const wrong = [
    '', '*', '*.internal', 'https://id.internal', 'id.internal/', 'user@id.internal', 'id.internal:', 'id.internal:x', 'id.internal:65536', 'a b', '[::1', '::1]:1',
    '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/7', '0.0.0.0/0', '::/0', 'fd00::/129', '10/8', '10.0.0.0/8/8', '10.0.0.0/-1', 'id.internal/8', '1%2e2'
  ]
  for (const entry of wrong) {
    const expected = { code: 'MCP_AUTH_BAD_OPTION', message: /"outgoing\.allow\.1" must be a host, host:port, or block/ }
    t.throws(() => new Reach({ allow: ['10.0.0.0/8', entry] }), expected, entry)
  }
})
