import type { Test } from 'tap'
import type { Tellers } from '../lib/page-server.ts'
import type { Stage } from '../lib/stage.ts'
import type { Wire } from '../lib/wire.ts'

/** Enough for the head of an answer and the first messages, and for all of a preflight. */
const PORTION = 6_000

function cutting (wire: Wire): Tellers {
  return {
    'let little through': () => { wire.portion = PORTION },
    break: () => wire.break(),
    'cut off': () => { wire.deaf = true },
    heal: () => wire.heal()
  }
}

/** What networks and servers do to clients. */
export async function trouble (t: Test, stage: Stage): Promise<void> {
  await t.test('I-13, I-16, C-27: streamable: a stream that is cut is resumed: every message once, in order', async t => {
    const { facts, wire } = await stage.play(t, 'resuming', 'streamable', { tellers: cutting })
    t.match(facts, { outcome: 'Sent 300 progress notifications', sessions: 0, echo: 'after', state: 'open' })
    t.strictSame(facts.progress, Array.from({ length: 300 }, (_, n) => n + 1))
    const resumed = wire.requests.filter(({ method, headers }) => method === 'GET' && headers['last-event-id'] !== undefined)
    t.ok(wire.cuts >= 3 && resumed.length >= 3, `${wire.cuts} cuts, ${resumed.length} resumptions`)
  })

  for (const [rule, kind, sessions] of [['E-47', 'modern', 0], ['F-17', 'http+sse', 1]] as const) {
    await t.test(`${rule}: ${kind}: a call whose stream is cut fails and says why; the next one works`, async t => {
      const { facts, wire } = await stage.play(t, 'resuming', kind, { tellers: cutting })
      t.match(facts, { sessions, echo: 'after', state: 'open' })
      // Over HTTP+SSE, progress may be here, and the cut be made, before the POST itself was answered.
      const { code, rpc } = facts.outcome as { code?: unknown, rpc?: unknown }
      const unanswered = kind === 'http+sse' && code === 'MCP_CLIENT_CONNECTION_LOST'
      if (!unanswered) t.match(rpc, { code: -32603, data: { code: 'MCP_CLIENT_STREAM_ENDED' } }, JSON.stringify(facts.outcome))
      t.ok(wire.cuts > 0)
    })
  }

  await t.test('I-12: streamable: a session the server does not know any more is begun anew, once for all who find out', async t => {
    const forget = async (session: string): Promise<void> => {
      const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }
      const { ok, status } = await fetch(stage.server.url, { method: 'DELETE', headers })
      if (!ok) throw new Error(`DELETE was answered ${status}`)
    }
    const { facts, wire } = await stage.play(t, 'forgotten', 'streamable', { tellers: () => ({ forget: ({ session }) => forget(String(session)) }) })
    t.match(facts, { texts: ['a', 'b', 'c'], sessions: 1, renewed: true })
    t.equal(wire.requests.filter(({ body }) => body.includes('"initialize"')).length, 2, 'one handshake beside the first')
    t.ok(wire.requests.some(({ status }) => status === 404))
  })

  await t.test('users row 2: the server dies and comes back with nothing remembered', async t => {
    const { facts } = await stage.play(t, 'restarted', 'modern', { tellers: () => ({ restart: () => stage.replaceServer() }) })
    t.strictSame(facts, {
      modern: { echo: 'after', sessions: 0 },
      streamable: { echo: 'after', sessions: 1 },
      'http+sse': { echo: 'after', sessions: 1 }
    })
  })

  await t.test('what only reads waits for the server to come back, anything else fails, and was sent once', async t => {
    const { facts, wire } = await stage.play(t, 'away', 'streamable', { tellers: cutting })
    t.match(facts, { error: { code: 'MCP_CLIENT_CONNECTION_LOST' } })
    t.ok(Number(facts.tools) > 0)
    t.equal(wire.requests.filter(({ body }) => body.includes('"lost"')).length, 1)
  })

  for (const kind of ['modern', 'streamable', 'http+sse'] as const) {
    await t.test(`H-1, H-9, I-3: ${kind}: a page of an origin that is not allowed gets nowhere, and is told what may be behind it`, async t => {
      const { strangeOrigin } = stage.pages
      const { facts, wire } = await stage.play(t, 'refused', kind, { at: strangeOrigin })
      const hint = `does not allow pages of ${strangeOrigin}`
      t.match(facts, { any: { code: 'MCP_CLIENT_NO_TRANSPORT', message: hint }, pinned: { message: hint } })
      const { attempts } = facts.any as { attempts: string[] }
      t.match(attempts, [/^server\/discover/, /^initialize/], 'neither is taken for a verdict on what the server speaks')
      t.strictSame(wire.requests.filter(({ method }) => method === 'POST'), [], 'no message left the browser')
      const preflights = wire.requests.filter(({ method }) => method === 'OPTIONS')
      t.ok(preflights.length > 0 && preflights.every(({ answer }) => answer['access-control-allow-origin'] === undefined))
      // A GET of HTTP+SSE needs no preflight; the server itself turns it away.
      const gets = wire.requests.filter(({ method }) => method === 'GET')
      t.equal(gets.length > 0, kind === 'http+sse')
      t.ok(gets.every(({ status, headers }) => status === 403 && headers.origin === strangeOrigin))
    })
  }
}
