import t from 'tap'
import { Reach } from '../../src/outgoing/reach.ts'
import { targetOf } from '../../src/outgoing/target.ts'

const refused = { code: 'MCP_AUTH_OUTGOING_REFUSED', statusCode: 503 }

t.test('H-15 https only', async t => {
  t.equal(targetOf('https://issuer.example/keys?x=1').href, 'https://issuer.example/keys?x=1')
  for (const url of ['http://issuer.example/', 'ftp://issuer.example/', 'file:///etc/passwd', 'data:text/plain,x', 'ws://issuer.example/', '/keys', '']) {
    t.throws(() => targetOf(url), refused, url)
  }
})

const tricks = [
  '127.0.0.1', '127.0.0.1.', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '①②⑦.0.0.1', '%31%32%37.0.0.1',
  '10.0.0.1', '0xa000001', '169.254.169.254', '0xA9FEA9FE', '0', '[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]',
  '[::127.0.0.1]', '[64:ff9b::127.0.0.1]', '[2002:7f00:1::]', '[fe80::1]', '[fd00:ec2::254]'
]

t.test('H-15 addresses inside, however they are written', async t => {
  for (const host of tricks) t.throws(() => targetOf(`https://${host}/`), refused, host)
})

const loopback = new Reach({ allowLoopback: true })

t.test('allowLoopback opens loopback alone, there also http', async t => {
  for (const host of ['127.0.0.1', '0x7f.1', '[::1]', 'localhost']) {
    t.equal(targetOf(`http://${host}:8080/`, loopback).port, '8080', host)
    t.equal(targetOf(`https://${host}/`, loopback).protocol, 'https:', host)
  }
  for (const host of ['10.0.0.1', '169.254.169.254', '[::ffff:127.0.0.1]', '0.0.0.0', '[::]']) t.throws(() => targetOf(`https://${host}/`, loopback), refused, host)
  t.throws(() => targetOf('http://8.8.8.8/', loopback), refused, 'http to the internet')
  t.throws(() => targetOf('ftp://127.0.0.1/', loopback), refused)
})

t.test('credentials in a URL are refused, and not repeated', async t => {
  for (const url of ['https://user:word@issuer.example/a?token=t', 'https://user@issuer.example/', 'https://:word@issuer.example/?token=t']) {
    t.throws(() => targetOf(url), { ...refused, message: /^(?!.*(word|user|token)).*credentials/ }, url)
  }
})
