import t from 'tap'
import type { JsonObject, JsonRpcMessage, JsonRpcResponse } from '@mcp/protocol'
import { LiveSession } from '../src/index.ts'
import { HANDSHAKE, note, Recorder, running } from './helper.ts'

/** A session whose surroundings write down what it asks for. */
function live () {
  const asked: unknown[] = []
  const session = new LiveSession({
    id: 'id', endpoint: 'main', revision: '2025-11-25', principalKey: '', handshake: HANDSHAKE, createdAt: 1, expiresAt: 2, state: { a: 1 }
  }, {
    sendStandalone: async (_session, message: JsonRpcMessage) => { asked.push(['send', message]) },
    patchState: async (_session, patch: JsonObject) => { asked.push(['state', patch]) },
    terminate: async (_session, reason) => { asked.push(['terminate', reason]) },
    respond: (_session, response: JsonRpcResponse) => { asked.push(['respond', response]) },
    release: (_session, stream, retryMs) => { asked.push(['release', stream, retryMs]) },
    report: (_session, error) => { asked.push(['report', error]) }
  })
  return { session, asked }
}

t.test('what an application does with a session is done by its surroundings', async t => {
  const { session, asked } = live()
  const response = { jsonrpc: '2.0', id: 1, result: {} } as const
  await session.send(note(1))
  await session.setState({ b: 2 })
  await session.terminate('why')
  session.respond(response)
  session.detachStandalone(500)
  session.detachStandalone()
  t.same(asked, [
    ['send', note(1)], ['state', { b: 2 }], ['terminate', 'why'], ['respond', response],
    ['release', 'standalone', 500], ['release', 'standalone', undefined]
  ])
})

t.test('C-20 C-30: the newest connection of a stream carries it, the older one is closed', async t => {
  const { session } = live()
  const [first, second, other] = [new Recorder('1'), new Recorder('2'), new Recorder('3', 's')]
  session.attach(first)
  session.attach(other)
  t.equal(session.openStreams, 2)
  session.attach(second)
  t.same([first.heard, second.heard, other.heard], [['close'], [], []])
  t.equal(session.attachment('standalone'), second)
  t.equal(session.openStreams, 2)
  session.detach(first)
  t.equal(session.attachment('standalone'), second, 'the older one takes nothing with it')
  session.detach(second)
  t.equal(session.attachment('standalone'), undefined)
  t.equal(session.openStreams, 1)
})

t.test('news of other nodes reach the connection they are about', async t => {
  const { session } = live()
  const [standalone, stream] = [new Recorder('1'), new Recorder('2', 's')]
  session.attach(standalone)
  session.attach(stream)
  session.hear({ kind: 'stored', stream: 's' })
  session.hear({ kind: 'stored', stream: 'unknown' })
  session.hear({ kind: 'released', stream: 's', retryMs: 5 })
  session.hear({ kind: 'taken', stream: 'standalone', by: '1' })
  t.same([standalone.heard, stream.heard], [[], ['wake', 'release 5']], 'nobody is closed by itself')
  session.hear({ kind: 'taken', stream: 'standalone', by: '9' })
  session.hear({ kind: 'taken', stream: 'unknown', by: '9' })
  t.same(standalone.heard, ['close'])
})

t.test('A-4: a cancellation reaches every running request of that id, and no other', async t => {
  const { session } = live()
  const [one, twin, text, other] = [running(1), running(1), running('1'), running(2)]
  for (const request of [one, twin, text, other]) session.begin(request)
  session.cancel(1, 'enough')
  t.same([one, twin, text, other].map(request => request.reasons), [['enough'], ['enough'], [], []])
  session.finish(one)
  session.hear({ kind: 'cancelled', requestId: 1, reason: undefined })
  t.same([one.reasons.length, twin.reasons], [1, ['enough', 'cancelled by the client']])
})

t.test('A-58: the cancellation of an unknown request is nothing', async t => {
  const { session } = live()
  session.cancel('never', 'x')
  session.hear({ kind: 'cancelled', requestId: 5, reason: 'x' })
  t.equal(session.busy, false)
})

t.test('D-11: streams and running requests are activity', async t => {
  const { session } = live()
  const [stream, request] = [new Recorder('1'), running(1)]
  t.same([session.busy, session.idle], [false, true])
  session.attach(stream)
  t.same([session.busy, session.idle], [true, false])
  session.detach(stream)
  session.begin(request)
  t.same([session.busy, session.idle], [true, false])
  session.finish(request)
  t.same([session.busy, session.idle], [false, true])
})

t.test('whoever listens for the end keeps the session cached, until it no longer does', async t => {
  const { session } = live()
  const stop = [session.onClose(() => t.fail('taken back')), session.onClose(() => t.fail('taken back'))]
  t.same([session.busy, session.idle], [false, false])
  for (const take of stop) take()
  t.equal(session.idle, true)
  stop[0]?.()
  session.end('over')
})

t.test('D-10: the end is told to all, once', async t => {
  const { session } = live()
  const [stream, request] = [new Recorder('1'), running(1)]
  let closed = 0
  session.attach(stream)
  session.begin(request)
  session.onClose(() => closed++)
  session.onClose(() => closed++)
  session.hear({ kind: 'ended', reason: 'elsewhere' })
  session.end('again')
  t.same([stream.heard, request.reasons, closed, session.ended], [['close'], ['elsewhere'], 2, true])
})

t.test('D-10: what comes after the end learns of it at once', async t => {
  const { session } = live()
  session.end('over')
  const stream = new Recorder('1')
  session.attach(stream)
  t.same([stream.heard, session.openStreams], [['close'], 0])
  let closed = 0
  session.onClose(() => closed++)()
  t.equal(closed, 1)
})

t.test('A-14: a listener that throws keeps nobody from hearing the end', async t => {
  const { session, asked } = live()
  const failure = new Error('broken')
  let closed = 0
  session.onClose(() => { throw failure })
  session.onClose(() => closed++)
  session.end('over')
  t.equal(closed, 1)
  t.same(asked, [['report', failure]])
})
