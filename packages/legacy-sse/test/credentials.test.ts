/** Every message runs with its own credential, on whichever node it was taken (H-20, D-15). */
import t, { type Test } from 'tap'
import type { Authentication, JsonObject, MessageGate, Principal, RequestHead } from '@mcp/protocol'
import { memoryStorage, mcpStorage, type Storage } from '@mcp/storage'
import { answering, initialize, open, request, start, type OpenStream, type Received, type Started } from './helper.ts'

const scopes: Readonly<Record<string, readonly string[]>> = { broad: ['read', 'admin'], narrow: ['read'] }

/** Two tokens of one subject: sessions are bound to the subject, rights to the token. */
function authenticate ({ headers }: RequestHead): Authentication {
  const token = String(headers.authorization).slice('Bearer '.length)
  const claims = { role: token, big: 1n, raw: `it is ${token}` }
  return { kind: 'principal', principal: { kind: 'test', issuer: 'i', subject: 'alice', scopes: scopes[token] ?? [], token, claims } }
}

/** The tool `admin` exists for callers with that scope. */
const hides: MessageGate = {
  judge: () => null,
  sees: (kind, name, principal) => kind !== 'tool' || name !== 'admin' || principal?.scopes.includes('admin') === true
}

const application = answering({
  'tools/list': () => ({ tools: [{ name: 'admin', inputSchema: { type: 'object' } }, { name: 'who', inputSchema: { type: 'object' } }] }),
  'tools/call': ({ message, principal, request: { method, url, headers } }) => {
    const who = { principal, method, path: new URL(url).pathname, headers }
    const name = 'method' in message ? message.params?.name : undefined
    return { content: [{ type: 'text', text: name === 'admin' ? 'ran' : JSON.stringify(who) }] }
  }
})

async function node (t: Test, storage: Storage): Promise<Started> {
  return await start(t, {
    endpoint: { application },
    prepare: async app => {
      app.decorate('mcpAuth', { authenticate })
      app.decorate('mcpGates', [hides])
      await app.register(mcpStorage, { storage })
    }
  })
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

interface Who {
  principal: Principal
  method: string
  path: string
  headers: JsonObject
}

function textOf ({ result, error }: Received): string {
  const [first] = Array.isArray(result?.content) ? result.content as Array<{ text: string }> : []
  return first?.text ?? `error ${error?.code}`
}

/** A client whose stream is on node `a`, with `token`. */
async function opened (t: Test, { origin }: Started, token: string): Promise<OpenStream> {
  const stream = await open(`${origin}/sse`, bearer(token))
  t.teardown(stream.close)
  await stream.ask(initialize())
  return stream
}

/** POSTs to a node with a token and reads the answer from the stream. */
async function ask (
  stream: OpenStream, { origin }: Started, token: string, body: JsonObject, more: Record<string, string> = {}
): Promise<Received> {
  const { pathname, search } = new URL(stream.endpoint)
  const posted = await fetch(origin + pathname + search, {
    method: 'POST', headers: { 'content-type': 'application/json', ...bearer(token), ...more }, body: JSON.stringify(body)
  })
  if (posted.status !== 202) return { error: { code: posted.status, message: await posted.text() } }
  return await stream.message()
}

for (const [opener, caller, ran] of [['broad', 'narrow', false], ['narrow', 'broad', true], ['broad', 'broad', true]] as const) {
  for (const where of ['the same node', 'another node'] as const) {
    t.test(`a stream of the ${opener} token, a call with the ${caller} token on ${where}: the caller's rights count`, async t => {
      const storage = memoryStorage()
      const [a, b] = [await node(t, storage), await node(t, storage)]
      const stream = await opened(t, a, opener)
      const to = where === 'another node' ? b : a
      const answer = await ask(stream, to, caller, request('tools/call', { name: 'admin', arguments: {} }, 5))
      t.equal(textOf(answer) === 'ran', ran, textOf(answer))
      const listed = await ask(stream, to, caller, request('tools/list', {}, 6))
      t.equal(JSON.stringify(listed.result).includes('"admin"'), ran, 'the catalogue, too')
    })
  }
}

t.test('a message another node took brings its principal and request; no credential is stored', async t => {
  const storage = memoryStorage()
  const stored: string[] = []
  const { events } = storage
  const append: typeof events.append = (session, stream, messages, last) => {
    stored.push(...messages)
    return events.append(session, stream, messages, last)
  }
  const watching = new Proxy(storage, {
    get: (target, key) => key === 'events' ? new Proxy(events, { get: (on, name) => name === 'append' ? append : bound(on, name) }) : Reflect.get(target, key)
  })
  const [a, b] = [await node(t, storage), await node(t, watching)]
  const stream = await opened(t, a, 'broad')
  const headers = { 'x-tenant': 'blue', 'x-api-key': 'k', 'x-other': 'has narrow inside' }
  const who = JSON.parse(textOf(await ask(stream, b, 'narrow', request('tools/call', { name: 'who', arguments: {} }, 5), headers))) as Who
  t.strictSame(who.principal, { kind: 'test', issuer: 'i', subject: 'alice', scopes: ['read'], claims: {} })
  t.match(who, { method: 'POST', path: '/messages', headers: { 'x-tenant': 'blue', host: new URL(b.origin).host } })
  for (const name of ['authorization', 'x-api-key', 'x-other']) t.notOk(name in who.headers, name)
  t.ok(stored.length > 0)
  for (const entry of stored) t.notMatch(entry, /Bearer|narrow/)
})

function bound (target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name)
  return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value
}

t.test('an entry that names no caller does not run', async t => {
  const storage = memoryStorage()
  const a = await node(t, storage)
  const stream = await opened(t, a, 'broad')
  const id = new URL(stream.endpoint).searchParams.get('sessionId') ?? ''
  await storage.events.append(id, 'inbox', [JSON.stringify(request('tools/call', { name: 'admin', arguments: {} }, 5))], false)
  await storage.bus.publish(`inbox:${id}`, '')
  t.equal(textOf(await ask(stream, a, 'broad', request('tools/call', { name: 'admin', arguments: {} }, 6))), 'ran')
  t.ok(a.logs.some(({ msg }) => String(msg).includes('names no caller')))
  t.strictSame((await ask(stream, a, 'broad', request('ping', {}, 7))).id, 7, 'nothing of it was answered')
})
