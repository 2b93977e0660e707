import t, { type Test } from 'tap'
import { LEGACY_REVISIONS, REVISIONS, type McpApplication } from '@mcp/protocol'
import { sdkApplication } from '../src/index.ts'
import { sdkV1Application } from '../src/v1.ts'
import { alice, call, exchange, notification, open, request, TestExchange, TestSession, text, turns } from './helper.ts'
import { Probe, serverV1, serverV2 } from './servers.ts'

const generations: Array<[string, (probe?: Probe) => McpApplication]> = [
  ['v1', probe => sdkV1Application(() => serverV1(probe))],
  ['v2', probe => sdkApplication(() => serverV2(probe))]
]

t.test('each generation offers the revisions it can serve', async t => {
  t.strictSame(sdkV1Application(() => serverV1()).revisions, LEGACY_REVISIONS)
  t.strictSame(sdkApplication(() => serverV2()).revisions, REVISIONS)
})

for (const [name, build] of generations) {
  t.test(name, async t => {
    const setup = (t: Test, probe?: Probe): McpApplication => {
      const application = build(probe)
      t.teardown(() => application.close?.())
      return application
    }

    for (const revision of LEGACY_REVISIONS) {
      t.test(`A-48 ${revision} is negotiated and served`, async t => {
        const application = setup(t)
        const session = new TestSession('s1', revision)
        const opened = await exchange(application, request('initialize', { ...session.handshake, protocolVersion: 'unheard of' }), { session })
        t.equal((await opened.result()).protocolVersion, revision)
        const echo = await exchange(application, call('echo', { text: 'hi' }, 'x'), { session })
        t.equal(text(await echo.result()), 'hi')
        t.equal((await echo.answer()).id, 'x')
      })
    }

    t.test('A-4 A-5 equal ids in flight each get their own answer, with the type they had', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const session = await open(application)
      const first = await exchange(application, call('wait', { gate: 'a' }, 1), { session })
      const second = await exchange(application, call('wait', { gate: 'b' }, 1), { session })
      const third = await exchange(application, call('wait', { gate: 'c' }, '1'), { session })
      await turns()
      for (const gate of ['b', 'c', 'a']) probe.open(gate)
      for (const [made, gate, id] of [[first, 'a', 1], [second, 'b', 1], [third, 'c', '1']] as const) {
        t.equal(text(await made.result()), gate)
        t.strictSame((await made.answer()).id, id)
        t.match(made.sent[0], { method: 'notifications/progress', params: { progressToken: gate } }, 'progress on its own stream (C-17)')
        t.equal(made.sent.length, 2)
      }
    })

    t.test('A-58 a cancelled request aborts its handler and is not answered', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const session = await open(application)
      const first = await exchange(application, call('wait', { gate: 'a' }, 0), { session })
      const second = await exchange(application, call('wait', { gate: 'b' }, 0), { session })
      await turns()
      second.cancel()
      await turns()
      t.strictSame(probe.seen.filter(line => line.startsWith('aborted')), ['aborted b'])
      first.cancel()
      await turns()
      t.strictSame(probe.seen.filter(line => line.startsWith('aborted')), ['aborted b', 'aborted a'])
      for (const made of [first, second]) t.notOk(made.sent.some(message => !('method' in message)), 'no answer')
    })

    t.test('a request cancelled before it arrives is not handled', async t => {
      const application = setup(t)
      const session = await open(application)
      const late = new TestExchange(call('echo', { text: 'x' }), { session })
      late.cancel()
      await application.accept(late)
      await turns()
      t.strictSame(late.sent, [])
    })

    t.test('a handler that outlives its cancelled request does not disturb a later one with the same id', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const session = await open(application)
      const first = await exchange(application, call('wait', { gate: 'stubborn' }, 5), { session })
      await turns()
      first.cancel()
      const second = await exchange(application, call('wait', { gate: 'b' }, 5), { session })
      await turns()
      probe.open('stubborn')
      await turns()
      t.strictSame(second.sent, [])
      probe.open('b')
      t.equal(text(await second.result()), 'b')
      t.equal(second.sent.length, 2, 'its own progress and its answer')
    })

    t.test('C-11 elicitation and sampling go on the stream of the request that needs them', async t => {
      const application = setup(t)
      const session = await open(application)
      const elicit = await exchange(application, call('elicit', {}, 1), { session })
      const sample = await exchange(application, call('sample', {}, 1), { session })
      const [asked, sampled] = [await elicit.asked(), await sample.asked()]
      t.match(asked, { method: 'elicitation/create', params: { message: 'who?' } })
      t.match(sampled, { method: 'sampling/createMessage' })
      t.not(asked.id, sampled.id)
      await exchange(application, {
        jsonrpc: '2.0', id: sampled.id, result: { role: 'assistant', model: 'm', content: { type: 'text', text: 'hello' } }
      }, { session })
      await exchange(application, { jsonrpc: '2.0', id: asked.id, result: { action: 'accept', content: { name: 'Ada' } } }, { session })
      t.match(text(await elicit.result()), /Ada/)
      t.match(text(await sample.result()), /hello/)
      t.strictSame(session.sent, [], 'nothing on the standalone stream')
    })

    t.test('A-61 C-17 log messages honour the level and go on the stream of their request', async t => {
      const application = setup(t)
      const session = await open(application)
      await (await exchange(application, request('logging/setLevel', { level: 'warning' }), { session })).result()
      const log = await exchange(application, call('log'), { session })
      await log.result()
      t.match(log.sent, [{ method: 'notifications/message', params: { level: 'error', data: 'bad' } }, { result: {} }])
      t.equal(log.sent.length, 2)
    })

    t.test('handlers learn who calls, in which session, through which request', async t => {
      const application = setup(t)
      const session = await open(application)
      const who = await exchange(application, call('who', {}, 42), { session, principal: alice })
      t.match(JSON.parse(String(text(await who.result()))), {
        id: 42,
        session: 's1',
        auth: {
          token: 'secret', clientId: 'app', scopes: ['read'], expiresAt: 2_000_000_000, resource: 'https://mcp.example/mcp', extra: { team: 'blue' }
        },
        header: 'yes',
        url: 'http://127.0.0.1:3000/mcp?x=1',
        client: { name: 'test-client' },
        capabilities: { roots: {} }
      })
    })

    t.test('C-15 a handler frees its connections where the revision knows polling', async t => {
      const application = setup(t)
      const session = await open(application)
      const detach = await exchange(application, call('detach'), { session })
      t.equal(text(await detach.result()), 'true')
      t.equal(detach.detached.length, 1)
      t.equal(session.detached.length, 1)
      const older = await open(application, new TestSession('s2', '2025-06-18'))
      t.equal(text(await (await exchange(application, call('detach'), { session: older })).result()), 'false')
    })

    t.test('A-8 A-42 unknown methods and bad arguments are the errors of the SDK', async t => {
      const application = setup(t)
      const session = await open(application)
      const unknown = await exchange(application, request('no/such/method'), { session })
      t.equal((await unknown.error()).code, -32601)
      const invalid = await exchange(application, call('echo', { text: 1 }), { session })
      t.match(await invalid.answer(), { result: { isError: true } })
    })

    t.test('D-19 without a session each message has a server of its own', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const revision = '2025-06-18'
      const echo = await exchange(application, call('echo', { text: 'hi' }), { revision })
      t.equal(text(await echo.result()), 'hi')
      const opened = await exchange(application, request('initialize', { ...new TestSession().handshake }), { revision })
      t.equal((await opened.result()).protocolVersion, revision)
      await exchange(application, notification('notifications/initialized'), { revision })
      await exchange(application, { jsonrpc: '2.0', id: 1, result: {} }, { revision })
      const refused = await exchange(application, call('elicit'), { revision })
      t.match(await refused.answer(), { result: { isError: true } }, 'there is no client to ask')
      await turns()
      t.equal(probe.built.length, 4, 'none for the response')
      t.equal(probe.seen.filter(line => line === 'closed').length, 4, 'all are closed')
    })

    t.test('D-10 the end of the session closes its server', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const session = await open(application)
      await session.terminate()
      await turns()
      t.ok(probe.seen.includes('closed'))
    })

    t.test('closing the application closes its servers and answers what is left', async t => {
      const probe = new Probe()
      const application = setup(t, probe)
      const session = await open(application)
      const waiting = await exchange(application, call('wait', { gate: 'a' }, 9), { session })
      await turns()
      await application.close?.()
      t.match(await waiting.answer(), { id: 9, error: { code: -32603 } })
      t.ok(probe.seen.includes('closed'))
      await t.rejects(exchange(application, call('echo', { text: 'x' }), { session }), { code: 'MCP_SDK_CLOSED' })
    })
  })
}
