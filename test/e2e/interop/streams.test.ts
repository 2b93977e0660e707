import { setTimeout as sleep } from 'node:timers/promises'
import { errorResponse, isRequest, type Exchange } from '@mcp/protocol'
import t from 'tap'
import { startEndpoint, startReference } from './lib/apps.ts'
import { KINDS, LEGACY, plain, v1, withEach } from './lib/kinds.ts'
import { closeAndJudge, textOf } from './lib/peer.ts'
import { Wire, type Trip } from './lib/wire.ts'

const { url } = await startReference(t)
/** From 2025-11-25 on a stream starts with an event that can be come back to. */
const polling = LEGACY.filter(({ revision }) => revision === '2025-11-25')

withEach(t, 'C-14, C-15, C-24, C-28: the client comes back for its answer', { url, kinds: polling }, async (t, peer) => {
  const result = await peer.call('test_reconnection')
  t.equal(textOf(result), 'Answered after the stream was closed')
  const posted = peer.wire.tripsOf('tools/call')[0]
  t.strictSame(posted?.messages, [], 'the answer did not come on the first connection')
  t.match(posted?.text, /retry: ?\d+/)
  const resumed = peer.wire.trips.find(trip => trip.headers.has('last-event-id'))
  t.equal(resumed?.headers.get('last-event-id'), posted?.eventIds.at(-1))
  t.match(resumed?.messages, [{ result: {} }])
})

const staying = KINDS.filter(kind => !polling.includes(kind))

withEach(t, 'C-13: in any other revision the stream stays until the answer', { url, kinds: staying }, async (t, peer) => {
  t.equal(textOf(await peer.call('test_reconnection')), 'Answered after the stream was closed')
  t.notOk(peer.wire.trips.some(trip => trip.headers.has('last-event-id')))
})

for (const kind of [plain, v1]) {
  t.test(`C-12, C-24, C-27: a connection that breaks costs nothing (${kind.name})`, async t => {
    const wire = new Wire()
    // Every reply of a call breaks after 2 kB, until the client has come back for the rest.
    wire.through = async (to, init) => broken(await fetch(to, init), init?.method === 'POST' && String(init.body).includes('"burst"'))
    const peer = await kind.connect(url, {}, wire)
    t.teardown(() => peer.close())
    const seen: number[] = []
    const result = await peer.call('burst', { count: 200 }, { onprogress: ({ progress }) => seen.push(progress) })
    t.equal(textOf(result), 'Sent 200 progress notifications')
    t.strictSame(seen, Array.from({ length: 200 }, (_, index) => index + 1), 'none lost, none twice')
    t.ok(wire.trips.some(trip => trip.headers.has('last-event-id')))
    t.strictSame(await closeAndJudge(peer), [])
  })

  t.test(`C-18, C-24: the standalone stream is picked up where it broke (${kind.name})`, async t => {
    const wire = new Wire()
    let cut: () => void = () => {}
    wire.through = async (to, init) => {
      const response = await fetch(to, init)
      if (init?.method !== 'GET' || new Headers(init.headers).has('last-event-id')) return response
      const scissors = new TransformStream<Uint8Array, Uint8Array>({
        start: controller => { cut = () => controller.error(new Error('the connection was lost')) }
      })
      return new Response(response.body?.pipeThrough(scissors) ?? null, response)
    }
    const peer = await kind.connect(url, {}, wire)
    t.teardown(() => peer.close())
    await wire.trip(trip => trip.method === 'GET')
    await peer.call('test_trigger_tool_change')
    await peer.notifications.take('notifications/tools/list_changed')
    cut()
    await peer.call('test_trigger_prompt_change')
    await peer.notifications.take('notifications/prompts/list_changed')
    const heard = peer.notifications.all.map(({ method }) => method)
    t.strictSame(heard, ['notifications/tools/list_changed', 'notifications/prompts/list_changed'])
    t.strictSame(await closeAndJudge(peer), [])
  })
}

/** Which comes back after an error too, as if its answer were still to come. */
t.test('C-28: a client that comes back for a stream that is over is told to come no more (sdk 1.x)', async t => {
  const { url } = await startEndpoint(t, { application: failing, retryMs: 20 })
  const peer = await v1.connect(url)
  t.teardown(() => peer.close())
  const gets = (): Trip[] => peer.wire.trips.filter(trip => trip.method === 'GET')
  const over = (): number => gets().filter(trip => trip.status === 204).length
  // A client that goes on asking does so every 20 ms: by the next round it would have asked, since the answer of this one takes as long.
  for (let round = 1; round <= 5; round++) {
    await t.rejects(peer.call('fails'), { code: -32000 })
    await peer.wire.trip(() => over() === round)
  }
  t.strictSame(gets().map(trip => trip.status), [200, 204, 204, 204, 204, 204], 'it keeps its standalone stream, and opens no other')
  t.notOk(gets()[0]?.broken)
  t.strictSame(peer.errors, [])
  t.strictSame(await closeAndJudge(peer), [])
})

for (const kind of [plain, v1]) {
  t.test(`C-26, C-29: a client that comes back for a result that is no longer stored gets an error, once (${kind.name})`, async t => {
    let forget: (session: string) => unknown = () => {}
    const losing = async (exchange: Exchange): Promise<void> => {
      const { message, session } = exchange
      if (!isRequest(message) || message.method !== 'tools/call') return failing(exchange)
      exchange.detach()
      await forget(session?.id ?? '')
      await exchange.send({ jsonrpc: '2.0', id: message.id, result: { content: [] } })
    }
    const { app, url } = await startEndpoint(t, { application: losing, retryMs: 20 })
    const peer = await kind.connect(url)
    t.teardown(() => peer.close())
    const gets = (): Trip[] => peer.wire.trips.filter(trip => trip.method === 'GET' && trip.headers.has('last-event-id'))
    forget = session => app.mcpStorage.events.deleteSession(session)
    await t.rejects(peer.call('lost'), { code: -32603, message: /no longer holds/ })
    // Long enough for several rounds, should it come back.
    await sleep(300)
    t.ok(gets().length >= 1 && gets().length <= 2, `${gets().length} visits`)
    t.ok(gets().slice(1).every(trip => trip.status === 204), 'and is told to come no more')
  })
}

const remote = await startReference(t)
const { bus } = remote.app.mcpStorage
const publish = bus.publish.bind(bus)
// As slow as a storage on a bad day: what a node writes before it heard from it leaves alone.
bus.publish = (channel, message) => sleep(50).then(() => publish(channel, message))

withEach(t, 'C-24, C-27: the connection it comes back on may break after its first bytes', { url: remote.url, kinds: polling }, async (t, peer) => {
  let cuts = 0
  peer.wire.through = async (to, init) => {
    const response = await fetch(to, init)
    return new Headers(init?.headers).has('last-event-id') && ++cuts <= 2 ? cutShort(response) : response
  }
  t.equal(textOf(await peer.call('test_reconnection')), 'Answered after the stream was closed')
  t.ok(cuts > 0)
})

/** A reply whose connection is lost after the first bytes of its body. */
function cutShort (response: Response): Response {
  const scissors = new TransformStream<Uint8Array, Uint8Array>({
    transform (chunk, controller) {
      controller.enqueue(chunk)
      setImmediate(() => controller.error(new Error('the connection was lost')))
    }
  })
  return new Response(response.body?.pipeThrough(scissors) ?? null, response)
}

/** A reply whose connection is lost after some events. */
function broken (response: Response, apply: boolean): Response {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (!apply || !isStream || response.body === null) return response
  let rest = 2_000
  const scissors = new TransformStream<Uint8Array, Uint8Array>({
    transform (chunk, controller) {
      controller.enqueue(chunk.subarray(0, rest))
      rest -= chunk.length
      if (rest <= 0) controller.error(new Error('the connection was lost'))
    }
  })
  return new Response(response.body.pipeThrough(scissors), response)
}

/** An application whose calls fail after some progress, so that the error comes on a stream. */
async function failing (exchange: Exchange): Promise<void> {
  const { message, revision } = exchange
  if (!isRequest(message)) return
  if (message.method === 'initialize') {
    const serverInfo = { name: 'failing', version: '1' }
    return exchange.send({ jsonrpc: '2.0', id: message.id, result: { protocolVersion: revision, capabilities: { tools: {} }, serverInfo } })
  }
  await exchange.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'about to fail' } })
  await exchange.send(errorResponse(message.id, -32000, 'It failed'))
}
