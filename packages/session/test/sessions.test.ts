import t from 'tap'
import { principalKey } from '@mcp/protocol'
import { HANDSHAKE, node, Recorder, running, STORAGES, until } from './helper.ts'

const ANN = principalKey({ kind: 'key', issuer: 'ring', subject: 'ann', scopes: [] })
const BOB = principalKey({ kind: 'key', issuer: 'ring', subject: 'bob', scopes: [] })

for (const [kind, make] of STORAGES) {
  t.test(`sessions over a ${kind} storage`, async t => {
    t.test('D-1 D-2: a session is known once it is stored, and not before', async t => {
      const { sessions, endpoint } = node(t, make(t))
      const session = sessions.open(endpoint, ANN, HANDSHAKE, '2025-06-18')
      t.match(session.id, /^[\x21-\x7e]{22,}$/)
      t.equal(await sessions.find(endpoint, ANN, session.id), null)
      t.equal(await sessions.store(session), 'created')
      t.equal(await sessions.find(endpoint, ANN, session.id), session)
      t.match(session, { endpoint: 'main', principalKey: ANN, revision: '2025-06-18', handshake: HANDSHAKE, state: {} })
      t.same([...sessions.live()], [session])
    })

    t.test('D-7: an unknown session is nobody', async t => {
      const { sessions, endpoint } = node(t, make(t))
      t.equal(await sessions.find(endpoint, '', 'x'.repeat(32)), null)
      t.equal(await sessions.find(endpoint, '', '__proto__'), null)
    })

    t.test('D-3: what cannot be an id is not even looked for', async t => {
      const storage = make(t)
      let reads = 0
      const { sessions, endpoint, opened } = node(t, {
        ...storage,
        sessions: {
          create: (...args) => storage.sessions.create(...args),
          read: id => { reads++; return storage.sessions.read(id) },
          touch: (...args) => storage.sessions.touch(...args),
          patchState: (...args) => storage.sessions.patchState(...args),
          delete: id => storage.sessions.delete(id),
          count: () => storage.sessions.count()
        }
      })
      const { id } = await opened()
      for (const value of [`${id}, ${id}`, `${id} `, '', 'x'.repeat(5000), 'é']) t.equal(await sessions.find(endpoint, '', value), null)
      t.equal(reads, 0)
      t.not(await sessions.find(endpoint, '', id), null)
      t.equal(reads, 1)
    })

    t.test('D-13 D-14 D-16: another principal finds nobody, and neither does an anonymous caller', async t => {
      const { sessions, endpoint, opened, found } = node(t, make(t))
      const session = await opened(ANN)
      t.equal(await sessions.find(endpoint, BOB, session.id), null)
      t.equal(await sessions.find(endpoint, '', session.id), null)
      t.equal(await found(session.id, ANN), session, 'and the owner keeps it')
    })

    t.test('D-16: an anonymous session is not upgraded by a credential', async t => {
      const { sessions, endpoint, opened } = node(t, make(t))
      const session = await opened('')
      t.equal(await sessions.find(endpoint, ANN, session.id), null)
      t.equal(session.principalKey, '')
    })

    t.test('D-15: a refreshed token keeps the session', async t => {
      const { found, opened } = node(t, make(t))
      const principal = { kind: 'jwt', issuer: 'https://id.example', subject: 'ann', scopes: ['a'], token: 'old', expiresAt: 1 }
      const session = await opened(principalKey(principal))
      t.equal(await found(session.id, principalKey({ ...principal, scopes: [], token: 'new', expiresAt: 2 })), session)
    })

    t.test('D-7 D-16: another endpoint finds nobody', async t => {
      const { sessions, opened } = node(t, make(t))
      const session = await opened()
      t.equal(await sessions.find({ name: 'other', respond () {} }, '', session.id), null)
    })

    t.test('D-10: terminating closes streams, aborts what runs, purges events, and is final', async t => {
      const storage = make(t)
      const { sessions, endpoint, opened, logs } = node(t, storage)
      const session = await opened()
      const [stream, request] = [new Recorder('a'), running(1)]
      let closed = 0
      session.onClose(() => closed++)
      await sessions.attach(session, stream)
      session.begin(request)
      const waiter = { respond: () => t.fail('nobody is left to hear it') }
      const sent = sessions.outbound.rewrite(session.id, { jsonrpc: '2.0', id: 1, method: 'ping' }, waiter)
      await storage.events.open(session.id, 's', { node: null, requestIds: [] })
      await storage.events.append(session.id, 's', ['1'], false)

      await session.terminate('the client said so')
      t.same([stream.heard.at(-1), request.reasons, closed, session.ended], ['close', ['the client said so'], 1, true])
      t.equal(sessions.outbound.size, 0)
      await sessions.resolve(session, { jsonrpc: '2.0', id: 'id' in sent ? sent.id ?? '' : '', result: {} })
      t.equal(await storage.events.read(session.id, 's', 0, 1), null)
      t.equal(await sessions.find(endpoint, '', session.id), null)
      t.same([...sessions.live()], [])
      t.match(logs, [{ level: 'info', message: 'session ended', details: { reason: 'the client said so' } }])
      await session.terminate('again')
      t.equal(closed, 1)
    })

    t.test('D-12: the cap of the server holds, and nobody is evicted for it', async t => {
      const { sessions, endpoint, opened, found } = node(t, make(t), { maxSessions: 2 })
      const [first, second] = [await opened(ANN), await opened(BOB)]
      const refused = sessions.open(endpoint, '', HANDSHAKE, '2025-11-25')
      t.equal(await sessions.store(refused), 'total-reached')
      t.equal(refused.ended, true)
      t.equal(await found(first.id, ANN), first)
      t.equal(await found(second.id, BOB), second)
      if (kind === 'memory') t.equal(sessions.full, true)
      await first.terminate('done')
      t.equal(sessions.full, false)
      t.ok(await opened())
    })

    t.test('D-12: the cap of a principal leaves others alone', async t => {
      const { sessions, endpoint, opened } = node(t, make(t), { maxSessionsPerPrincipal: 1 })
      await opened(ANN)
      t.equal(await sessions.store(sessions.open(endpoint, ANN, HANDSHAKE, '2025-11-25')), 'principal-reached')
      t.ok(await opened(BOB))
      t.ok(await opened(''))
      t.ok(await opened(''), 'anonymous callers are not one principal')
    })

    t.test('D-12: one anonymous address may hold half of the sessions, and leaves the rest to others', async t => {
      const { sessions, endpoint } = node(t, make(t), { maxSessions: 4 })
      const open = (address: string, key = '') => sessions.store(sessions.open(endpoint, key, HANDSHAKE, '2025-11-25', address))
      t.equal(await open('192.0.2.1'), 'created')
      t.equal(await open('192.0.2.1'), 'created')
      t.equal(await open('192.0.2.1'), 'principal-reached')
      t.equal(await open('2001:db8::1'), 'created')
      t.equal(await open('192.0.2.1', ANN), 'created', 'a principal has an account of its own')
      t.equal(await open('192.0.2.2'), 'total-reached')
    })

    t.test('addresses of one IPv6 network are one caller', async t => {
      const { sessions, endpoint } = node(t, make(t), { maxSessions: 10, maxSessionsPerAddress: 1 })
      const open = (address: string) => sessions.store(sessions.open(endpoint, '', HANDSHAKE, '2025-11-25', address))
      t.equal(await open('2001:db8:0:1::1'), 'created')
      t.equal(await open('2001:db8:0:1:ffff:1:2:3'), 'principal-reached')
      t.equal(await open('2001:db8:0:2::1'), 'created')
      t.equal(await open('2001:db8::1'), 'created')
    })

    t.test('a state larger than allowed is rejected and stays as it was; a smaller one is always accepted', async t => {
      const storage = make(t)
      const { opened } = node(t, storage, { maxStateBytes: 100 })
      const session = await opened()
      await session.setState({ kept: 'x'.repeat(50) })
      await t.rejects(session.setState({ large: 'ü'.repeat(40) }), { code: 'MCP_SESSION_STATE_TOO_LARGE', statusCode: 413 })
      t.same(session.state, { kept: 'x'.repeat(50) })
      const later = await node(t, storage, { maxStateBytes: 10 }).found(session.id)
      t.same(later.state, { kept: 'x'.repeat(50) })
      await later.setState({ kept: 'x'.repeat(20) })
      t.same(later.state, { kept: 'x'.repeat(20) })
    })

    t.test('D-20: state belongs to the session and outlives its cached object', async t => {
      const storage = make(t)
      const { opened } = node(t, storage)
      const session = await opened()
      await session.setState({ level: 'info', 'subscription:a': true })
      await session.setState({ level: undefined, extra: 1 })
      t.same(session.state, { 'subscription:a': true, extra: 1 })
      const later = await node(t, storage).found(session.id)
      t.same(later.state, { 'subscription:a': true, extra: 1 })
    })

    t.test('closing a node lets go of its sessions, which live on', async t => {
      const storage = make(t)
      const { sessions, opened } = node(t, storage)
      const session = await opened()
      const [stream, request] = [new Recorder('a'), running(1)]
      await sessions.attach(session, stream)
      session.begin(request)
      await sessions.close()
      t.same([stream.heard.at(-1), request.reasons], ['close', ['server shutdown']])
      t.ok(await node(t, storage).found(session.id))
    })
  })
}

t.test('D-18: no log line holds a whole session id', async t => {
  for (const [, make] of STORAGES) {
    const { opened, logs } = node(t, make(t))
    const session = await opened()
    session.onClose(() => { throw new Error('broken listener') })
    await session.send({ jsonrpc: '2.0', id: 1, result: {} })
    await session.terminate('done')
    await until(() => logs.length >= 3, 'three lines were logged')
    t.notMatch(JSON.stringify(logs), session.id)
    t.match(JSON.stringify(logs), session.id.slice(0, 6))
  }
})
