import type { Test } from 'tap'
import type { Stage } from '../lib/stage.ts'

/** The browser's own reader of event streams, which sends no header fields of the page's. */
export async function eventSource (t: Test, stage: Stage): Promise<void> {
  await t.test('F-1, F-3: EventSource reads HTTP+SSE, and comes back after a cut', async t => {
    const { facts, wire } = await stage.play(t, 'httpSse', 'http+sse', { tellers: wire => ({ 'cut once': () => wire.breakAll() }) })
    t.match(facts, { status: 202, moved: true })
    const messages = facts.messages as Array<{ id?: number, params?: { progress: number } }>
    t.strictSame(messages.map(({ id, params }) => id ?? `progress ${params?.progress}`), [
      1, ...Array.from({ length: 50 }, (_, n) => `progress ${n + 1}`), 2, 3
    ])
    t.equal(wire.requests.filter(({ method }) => method === 'GET').length, 2)
  })

  await t.test('D-4: EventSource cannot name a session: its GET is refused, and not repeated', async t => {
    const { facts, wire } = await stage.play(t, 'nameless', 'streamable')
    t.strictSame(facts, { opened: 0, closed: true })
    t.match(wire.requests, [{ method: 'GET', status: 400, headers: { accept: 'text/event-stream' } }])
    t.equal(wire.requests.length, 1)
  })

  await t.test('C-18: behind a gateway that names the session, EventSource reads its GET stream', async t => {
    const { facts } = await stage.play(t, 'standalone', 'streamable')
    t.match(facts, { messages: [{ method: 'notifications/tools/list_changed' }] })
  })

  await t.test('C-24, C-27: and follows the stream of a request; after a cut it says by itself where to go on', async t => {
    const { facts } = await stage.play(t, 'following', 'streamable', {
      tellers: () => ({ 'cut the gateway': () => stage.pages.cutGateway() })
    })
    const progress = (progress: number) => ({ method: 'notifications/progress', params: { progress } })
    t.match(facts, { messages: [progress(1), progress(2), { id: 2, result: { content: [{ text: 'Counted 2 seconds' }] } }] })
    t.equal(new Set(stage.pages.resumptions).size, 3, 'from nothing, from what the page said, from where it was cut')
  })
}
