import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { guardFault, isLoopbackAddress, type GuardPolicy, type McpStreamableOptions } from '../src/index.ts'
import { initializeRequest, rawConnection, rawRequest, startApp } from './helper.ts'

const DISCOVER = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })

/** Status of a POST with exactly these lines; 400 means that it passed the guard and lacks a session. */
async function status (t: Test, port: number, lines: readonly string[]): Promise<number> {
  const connection = await rawConnection(t, port, rawRequest('POST', ['Content-Type: application/json', ...lines], DISCOVER))
  return Number((await connection.closed()).slice(9, 12))
}

async function statuses (t: Test, options: Partial<McpStreamableOptions>, rows: ReadonlyArray<readonly [string, number]>): Promise<void> {
  const { port } = await startApp(t, options)
  for (const [lines, expected] of rows) {
    const headers = lines.split('\n')
    t.equal(await status(t, port, headers), expected, lines)
    t.equal(await status(t, port, headers), expected, `${lines}, again`)
  }
}

t.test('H-4, H-3, H-2: on a loopback bind loopback names pass, with any port', t => statuses(t, {}, [
  ['Host: localhost', 400], ['Host: localhost:9999', 400], ['Host: LOCALHOST', 400], ['Host: 127.0.0.1:1', 400], ['Host: 127.9.9.9', 400],
  ['Host: [::1]:3000', 400], ['Host: app.localhost:3000', 400], ['Host: localhost.', 400],
  ['Host: evil.example', 403], ['Host: localhost.evil.example', 403], ['Host: evil-localhost', 403], ['Host: 127.0.0.1.evil.example', 403],
  ['Host: 10.0.0.1', 403], ['Host: 0.0.0.0', 403], ['Host: [::2]', 403], ['Host: localhost, evil.example', 403], ['Host: a@localhost', 403],
  ['Host: localhost/evil', 403], ['Host: localhost evil', 403],
  ['Origin: http://localhost:5173', 400], ['Origin: https://127.0.0.1', 400], ['Origin: http://[::1]:1', 400],
  ['Origin: https://evil.example', 403], ['Origin: http://localhost.evil.example', 403], ['Origin: http://evil.example#localhost', 403],
  ['Origin: null', 403], ['Origin: ', 403], ['Origin: localhost', 403], ['Origin: http://localhost http://evil.example', 403],
  ['Origin: http://localhost, http://evil.example', 403], ['Origin: http://localhost\nOrigin: http://evil.example', 403],
  ['Origin: http://localhost/path', 403], ['Origin: file://', 403], ['Origin: http://user@localhost', 403]
]))

t.test('H-4: a request without Host never gets in', async t => {
  const { port } = await startApp(t)
  const bytes = `POST /mcp HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${DISCOVER.length}\r\n\r\n${DISCOVER}`
  const connection = await rawConnection(t, port, bytes)
  t.match(await connection.closed(), /^HTTP\/1\.[01] 403 /)
})

t.test('H-4: a list of hosts', t => statuses(t, { allowedHosts: ['mcp.example', 'exact.example:8443', '*.wild.example'] }, [
  ['Host: mcp.example', 400], ['Host: mcp.example:8080', 400], ['Host: MCP.Example', 400], ['Host: exact.example:8443', 400], ['Host: a.wild.example', 400],
  ['Host: exact.example', 403], ['Host: exact.example:1', 403], ['Host: wild.example', 403], ['Host: evilwild.example', 403], ['Host: localhost', 403]
]))

t.test('H-3: a list of origins, compared by scheme, host and port', t => statuses(t, {
  allowedOrigins: ['https://app.example', 'http://dev.example:5173', 'vscode-webview://*']
}, [
  ['Origin: https://app.example', 400], ['Origin: https://APP.example', 400], ['Origin: http://dev.example:5173', 400], ['Origin: vscode-webview://abc', 400],
  ['Host: localhost', 400],
  ['Origin: http://app.example', 403], ['Origin: https://app.example:444', 403], ['Origin: http://dev.example', 403], ['Origin: https://a.app.example', 403],
  ['Origin: http://localhost', 403], ['Origin: null', 403]
]))

t.test('H-3: every origin, where that was asked for', t => statuses(t, { allowedOrigins: ['*'], allowedHosts: ['*'] }, [
  ['Origin: https://evil.example', 400], ['Origin: null', 400], ['Host: evil.example', 400]
]))

t.test('H-3, H-4: predicates decide each time', async t => {
  let open = false
  const { port } = await startApp(t, { allowedHosts: host => open || host === 'one.example', allowedOrigins: origin => open || origin === 'https://one.example' })
  t.equal(await status(t, port, ['Host: one.example', 'Origin: https://one.example']), 400)
  t.equal(await status(t, port, ['Host: two.example']), 403)
  t.equal(await status(t, port, ['Host: one.example', 'Origin: https://two.example']), 403)
  open = true
  t.equal(await status(t, port, ['Host: two.example', 'Origin: https://two.example']), 400)
  open = false
  t.equal(await status(t, port, ['Host: two.example', 'Origin: https://two.example']), 403)
})

t.test('H-1, H-2, B-1: GET and DELETE are guarded alike, with a JSON error and a line in the log', async t => {
  const { url, logs, initialize } = await startApp(t)
  const session = await initialize()
  for (const method of ['GET', 'DELETE', 'POST']) {
    const response = await fetch(url, { method, headers: { ...session, origin: 'https://evil.example', accept: 'text/event-stream' } })
    t.equal(response.status, 403, method)
    t.match(await response.json(), { jsonrpc: '2.0', error: { code: -32600, message: /^Forbidden/ } })
  }
  t.equal(logs.filter(line => line.rung === 'guard' && line.status === 403).length, 3)
  t.equal((await fetch(url, { method: 'DELETE', headers: session })).status, 204, 'the session was not touched')
})

t.test('B-1: of a request that is turned away nothing more is read', async t => {
  const order: string[] = []
  const { port } = await startApp(t, {}, {}, app => {
    app.addHook('preParsing', async () => { order.push('preParsing') })
    app.addHook('preHandler', async () => { order.push('preHandler') })
  })
  t.equal(await status(t, port, ['Host: evil.example']), 403)
  t.strictSame(order, [])
})

t.test('H-3: on a public bind the own origin passes and others do not', t => {
  const policy: GuardPolicy = { hosts: undefined, origins: undefined, loopback: false }
  t.equal(guardFault('mcp.example', undefined, policy), undefined)
  t.equal(guardFault('mcp.example:8080', 'http://mcp.example:8080', policy), undefined)
  t.equal(guardFault('mcp.example', 'https://mcp.example', policy), undefined)
  for (const origin of ['https://evil.example', 'http://localhost', 'https://mcp.example.evil.example', 'null']) {
    t.match(guardFault('mcp.example', origin, policy), /Origin/, origin)
  }
  t.match(guardFault('mcp.example:8080', 'http://mcp.example:9090', policy), /Origin/, 'another port is another origin')
  t.match(guardFault(undefined, undefined, policy), /Host/)
  t.end()
})

t.test('H-5: a public bind without allowed hosts is a warning in the log', async t => {
  const warns = ({ logs }: Awaited<ReturnType<typeof startApp>>): boolean => logs.some(line => line.level === 40 && /allowedHosts/.test(line.msg))
  t.notOk(warns(await startApp(t)), 'not on loopback')
  t.ok(isLoopbackAddress('::1') && isLoopbackAddress('127.0.0.1') && isLoopbackAddress('::ffff:127.0.0.1'))
  t.notOk(isLoopbackAddress('0.0.0.0') || isLoopbackAddress('::') || isLoopbackAddress('192.168.1.1') || isLoopbackAddress('::ffff:10.0.0.1'))
})

const PUBLIC = [{ address: '0.0.0.0', family: 'IPv4', port: 80 }]
const authenticated = (app: FastifyInstance): void => {
  app.decorate('mcpAuth', { authenticate: () => ({ kind: 'principal', principal: { kind: 't', issuer: 'i', subject: 's', scopes: [] } }) })
}
// What these tests listen on is never public: the addresses are made up.
const exposed = (prepare: (app: FastifyInstance) => void = () => {}) => (app: FastifyInstance): void => {
  app.addresses = () => PUBLIC
  prepare(app)
}

t.test('H-5: in reach of other machines the endpoint serves nobody until somebody says whom', async t => {
  const { rpc, logs } = await startApp(t, {}, {}, exposed())
  const { status, message } = await rpc(initializeRequest())
  t.equal(status, 403)
  t.match(message.error?.message, /reachable from other machines/)
  t.ok(logs.some(line => line.level === 50 && /allowedHosts/.test(line.msg)))

  const open: Array<[Partial<McpStreamableOptions>, ((app: FastifyInstance) => void)?]> = [
    [{ allowedHosts: ['*'] }], [{ allowedHosts: ['127.0.0.1'] }], [{ allowedOrigins: ['https://app.example'] }], [{}, authenticated]
  ]
  for (const [options, prepare] of open) {
    const { rpc } = await startApp(t, options, {}, exposed(prepare))
    t.equal((await rpc(initializeRequest())).status, 200, JSON.stringify(options))
  }
})

const PROXY_FIELDS = ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1', 'Via: 1.1 x', 'X-Real-IP: 127.0.0.1', 'X-Forwarded-Host: localhost', 'X-Forwarded-Proto: https']

t.test('H-4, H-5: on a loopback bind without a policy, what a proxy passed on is rejected, and the error names the options', async t => {
  const { port, rpc } = await startApp(t)
  for (const field of PROXY_FIELDS) {
    t.equal(await status(t, port, ['Host: localhost', field]), 403, field)
    t.equal(await status(t, port, ['Host: localhost']), 400, 'the next request is none of its business')
  }
  const { message } = await rpc(initializeRequest(), { 'x-forwarded-for': '192.0.2.1' })
  t.match(message.error?.message, /proxy passed this request on.*allowedHosts.*@mcp\/auth/)
})

t.test('H-4, H-5: an application that trusts a proxy has one, also when a request carries no header of it', async t => {
  const { rpc } = await startApp(t, {}, { trustProxy: true })
  t.equal((await rpc(initializeRequest())).status, 403)
  t.equal((await rpc(initializeRequest(), { 'x-forwarded-for': '192.0.2.1' })).status, 403)
})

t.test('H-4: with allowedHosts, and with authentication, proxies are expected', async t => {
  const set: Array<[Partial<McpStreamableOptions>, ((app: FastifyInstance) => void)?]> = [[{ allowedHosts: ['127.0.0.1'] }], [{}, authenticated]]
  for (const [options, prepare] of set) {
    for (const trustProxy of [true, false]) {
      const { rpc } = await startApp(t, options, { trustProxy }, prepare)
      t.equal((await rpc(initializeRequest(), { 'x-forwarded-for': '192.0.2.1' })).status, 200)
      t.equal((await rpc(initializeRequest())).status, 200)
    }
  }
})

t.test('H-5: on a Unix socket, where proxies listen, the endpoint waits for a policy, too', async t => {
  const onSocket = (app: FastifyInstance): void => { app.addresses = () => ['/run/mcp.sock'] as unknown as ReturnType<FastifyInstance['addresses']> }
  const { rpc, logs } = await startApp(t, {}, {}, onSocket)
  t.match(await rpc(initializeRequest()), { status: 403, message: { error: { message: /Unix socket/ } } })
  t.ok(logs.some(line => line.level === 50 && /Unix socket.*allowedHosts/.test(line.msg)))
  t.equal((await (await startApp(t, { allowedHosts: ['127.0.0.1'] }, {}, onSocket)).rpc(initializeRequest())).status, 200)
})
