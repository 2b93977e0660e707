import t from 'tap'
import { guardedConnector } from '../../src/outgoing/connector.ts'
import { Reach } from '../../src/outgoing/reach.ts'
import { certificate, httpServer, outgoing, resolver, tlsServer } from './servers.ts'

const refused = { code: 'MCP_AUTH_OUTGOING_REFUSED', statusCode: 503 }
const failed = { code: 'MCP_AUTH_OUTGOING_FAILED', statusCode: 503 }

t.test('H-15 DNS rebinding: each connection goes to the very addresses that were judged', async t => {
  const server = await httpServer(t, (_request, response) => { response.setHeader('connection', 'close').end('outside') }, '127.0.0.2')
  // No resolver of the system knows the name, and the socket still reaches 127.0.0.2: nothing was looked up twice.
  const { lookup, asked } = resolver(['127.0.0.2'], ['169.254.169.254'])
  const { request } = outgoing(t, { allowLoopback: true }, { lookup })
  const url = `http://rebind.invalid:${server.port}/`
  t.match(await request(url), { status: 200, text: 'outside' })
  t.equal(asked(), 1)
  await t.rejects(request(url), { ...refused, message: /169\.254\.169\.254/ })
  t.equal(asked(), 2)
  t.equal(server.connections(), 1)
})

t.test('H-15 names that lead inside are refused before a socket is opened', async t => {
  const server = await httpServer(t, (_request, response) => { response.end('inside') })
  for (const addresses of [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['::7f00:1'], ['10.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['127.0.0.1', '8.8.8.8']]) {
    const { request } = outgoing(t, {}, resolver(addresses))
    await t.rejects(request(`https://issuer.invalid:${server.port}/`), refused, addresses.join())
  }
  for (const addresses of [['127.0.0.1', '192.168.0.1'], ['fd00::1', '127.0.0.1'], ['8.8.8.8']]) {
    const { request } = outgoing(t, { allowLoopback: true }, resolver(addresses))
    await t.rejects(request(`http://issuer.invalid:${server.port}/`), refused, `http, loopback allowed: ${addresses.join()}`)
  }
  t.equal(server.connections(), 0)
})

t.test('H-15 an address is judged by the connector too, whatever was judged before', async t => {
  const server = await httpServer(t, (_request, response) => { response.end('inside') })
  for (const host of ['127.0.0.1', '[::ffff:127.0.0.1]', '10.0.0.1', '[fd00::1]']) {
    const origin = new URL(`https://${host}:${server.port}`)
    const connect = guardedConnector(origin, { reach: new Reach(), timeoutMs: 1000 })
    const error = await new Promise(resolve => {
      const { hostname, host, protocol, port } = origin
      connect({ hostname, host, protocol, port }, (...answer) => resolve(answer[0]))
    })
    t.match(error, refused, host)
  }
  t.equal(server.connections(), 0)
})

t.test('the resolver of the system is judged as well', async t => {
  const server = await httpServer(t, (_request, response) => { response.end('inside') })
  await t.rejects(outgoing(t, {}).request(`https://localhost:${server.port}/`), refused)
  t.equal(server.connections(), 0)
  t.match(await outgoing(t, { allowLoopback: true }).request(`http://localhost:${server.port}/`), { status: 200 })
})

t.test('a resolver that answers nothing, or an error', async t => {
  await t.rejects(outgoing(t, {}, resolver([])).request('https://issuer.invalid/'), failed)
  const missing = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' })
  const { request } = outgoing(t, {}, { lookup: (_hostname, _options, callback) => { callback(missing, []) } })
  await t.rejects(request('https://issuer.invalid/'), { ...failed, message: /ENOTFOUND/ })
})

t.test('H-15 a certificate nobody vouches for is refused, whatever the environment says', async t => {
  const server = await tlsServer(t, (_request, response) => { response.end('kept from us') })
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  })
  const url = `https://127.0.0.1:${server.port}/`
  await t.rejects(outgoing(t, { allowLoopback: true }).request(url), { ...failed, message: /SELF_SIGNED/ })
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  await t.rejects(outgoing(t, { allowLoopback: true }).request(url), { ...failed, message: /SELF_SIGNED/ })
})

t.test('TLS holds for the name, not for the address it leads to', async t => {
  const server = await tlsServer(t, (request, response) => { response.end(request.headers.host) })
  const wiring = { ...resolver(['127.0.0.1']), ca: certificate }
  const { request } = outgoing(t, { allowLoopback: true }, wiring)
  t.match(await request(`https://localhost:${server.port}/`), { status: 200, text: `localhost:${server.port}` })
  await t.rejects(request(`https://issuer.invalid:${server.port}/`), { ...failed, message: /ERR_TLS_CERT_ALTNAME_INVALID/ })
})

t.test('H-15 a block that is allowed: every address in it, with TLS, and no other', async t => {
  const server = await tlsServer(t, (_request, response) => { response.setHeader('connection', 'close').end('private') })
  const { lookup, asked } = resolver(['127.0.0.1'], ['127.0.0.1', '169.254.169.254'], ['128.0.0.1', '127.0.0.1', '10.0.0.1'])
  const { request } = outgoing(t, { allow: ['127.0.0.0/8'] }, { lookup, ca: certificate })
  t.match(await request(`https://localhost:${server.port}/`), { status: 200, text: 'private' })
  await t.rejects(request(`https://localhost:${server.port}/`), refused, 'the address is judged each time')
  await t.rejects(request(`https://localhost:${server.port}/`), { ...refused, message: /10\.0\.0\.1/ })
  t.equal(asked(), 3)
  t.match(await request(`https://127.0.0.1:${server.port}/`), { status: 200 }, 'an address is connected to without a lookup')
  await t.rejects(request(`http://127.0.0.1:${server.port}/`), { ...refused, message: /must be https/ })
  t.equal(server.connections(), 2)
})

t.test('H-15 a host that is allowed leads to no loopback, no link-local address, and opens no other host', async t => {
  const server = await tlsServer(t, (_request, response) => { response.end('inside') })
  for (const addresses of [['127.0.0.1'], ['169.254.169.254'], ['::ffff:10.0.0.1'], ['10.0.0.1', '0.0.0.0']]) {
    const { request } = outgoing(t, { allow: ['localhost'] }, { ...resolver(addresses), ca: certificate })
    await t.rejects(request(`https://localhost:${server.port}/`), refused, addresses.join())
  }
  const { request } = outgoing(t, { allow: ['id.invalid', 'localhost:1'] }, resolver(['10.0.0.1']))
  await t.rejects(request(`https://localhost:${server.port}/`), { ...refused, message: /nor among those allowed/ })
  t.equal(server.connections(), 0)
})
