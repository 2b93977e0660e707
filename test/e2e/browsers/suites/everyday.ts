import type { Test } from 'tap'
import type { Request } from '../lib/requests.ts'
import type { Stage } from '../lib/stage.ts'
import type { Kind } from '../page/names.ts'

const REVISIONS = { modern: '2026-07-28', streamable: '2025-11-25', 'http+sse': '2025-11-25' } as const
const KINDS: readonly Kind[] = ['modern', 'streamable', 'http+sse']
/** The rules that each kind of server asks for. */
const RULES = {
  modern: { calling: 'E-13, I-23, H-9', cancelling: 'E-44', hearing: 'E-32, I-27' },
  streamable: { calling: 'I-10, H-9', cancelling: 'I-18', hearing: 'C-18, I-11' },
  'http+sse': { calling: 'F-1, H-9', cancelling: 'I-18', hearing: 'F-3' }
} as const

/** What clients do all day. */
export async function everyday (t: Test, stage: Stage): Promise<void> {
  for (const kind of KINDS) {
    const rules = RULES[kind]
    await t.test(`${rules.calling}: ${kind}: connects across origins and calls tools`, async t => {
      const { facts, wire, errors } = await stage.play(t, 'calling', kind)
      t.match(facts, {
        kind,
        revision: REVISIONS[kind],
        named: kind === 'streamable',
        echo: 'ä€😀',
        mirrored: 'Routed by: {"region":"eu","shard":7}',
        errors: []
      })
      t.strictSame(errors, [], 'the console is silent')
      const preflights = wire.requests.filter(({ method }) => method === 'OPTIONS')
      t.ok(preflights.length > 0, `${preflights.length} preflights`)
      t.ok(preflights.every(({ status, answer }) => status === 204 && answer['access-control-allow-origin'] === stage.pages.origin))
      const posts = wire.requests.filter(({ method }) => method === 'POST')
      t.ok(posts.length > 0 && posts.every(({ headers }) => headers.origin === stage.pages.origin), 'the browser says who asks')
      const wanted = preflights.map(({ headers }) => headers['access-control-request-headers']).join()
      if (kind === 'modern') t.match(wanted, 'mcp-param-region', 'mirrored arguments are asked for')
      else t.equal(wire.requests.some(({ headers }) => headers['mcp-session-id'] !== undefined), kind === 'streamable')
    })

    await t.test(`${kind}: 500 messages of one stream arrive in order`, async t => {
      const { facts, errors } = await stage.play(t, 'streaming', kind)
      t.strictSame(facts, { text: 'Sent 500 progress notifications', progress: oneTo(500), errors: [] })
      t.strictSame(errors, [])
    })

    await t.test(`${rules.cancelling}: ${kind}: messages arrive as they are sent, and the call is cancelled on the first`, async t => {
      const over = (requests: readonly Request[]) => kind === 'modern'
        ? requests.some(({ body, closed }) => body.includes('"countdown"') && closed)
        : requests.some(each => isCancelled(each) && each.status === 202)
      const { facts, wire } = await stage.play(t, 'cancelling', kind, {
        tellers: wire => ({ 'wait for the end of the call': () => wire.until(over) })
      })
      t.match(facts, { error: { code: 'MCP_CLIENT_ABORTED' }, echo: 'after', progress: [1], errors: [] })
      t.equal(wire.requests.some(isCancelled), kind !== 'modern', 'the modern era has no word for it: the exchange is closed')
    })

    await t.test(`${rules.hearing}: ${kind}: what the server says on its own is heard`, async t => {
      const isOpen = ({ method, status }: Request) => method === 'GET' && status === 200
      const { facts, errors } = await stage.play(t, 'hearing', kind, {
        tellers: wire => ({ 'wait for the GET stream': () => wire.until(requests => requests.some(isOpen)) })
      })
      const heard = ['notifications/tools/list_changed']
      t.strictSame(facts, { notifications: kind === 'modern' ? ['notifications/subscriptions/acknowledged', ...heard] : heard, errors: [] })
      t.strictSame(errors, [])
    })

    await t.test(`${kind}: an official client works over ours`, async t => {
      const { facts, errors } = await stage.play(t, 'official', kind)
      t.strictSame(facts, {
        content: [{ type: 'text', text: 'Sent 20 progress notifications' }], progress: oneTo(20), revision: REVISIONS[kind]
      })
      t.strictSame(errors, [])
    })
  }

  await t.test('I-1, I-6: a client that nobody told finds out what the server speaks', async t => {
    const { facts, errors } = await stage.play(t, 'finding', 'modern')
    t.strictSame(facts, { kind: 'modern', revision: '2026-07-28', echo: 'found' })
    t.strictSame(errors, [])
    const old = await stage.play(t, 'finding', 'http+sse')
    t.match(old.facts, { kind: 'http+sse', echo: 'found' })
  })
}

function oneTo (count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1)
}

function isCancelled ({ method, body }: Request): boolean {
  return method === 'POST' && body.includes('notifications/cancelled')
}
