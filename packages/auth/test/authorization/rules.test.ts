import t from 'tap'
import type { JsonRpcRequest, MessageGate } from '@mcp/protocol'
import type { McpAuthOptions } from '../../src/index.ts'
import { matcher } from '../../src/authorization/wildcard.ts'
import { ScopeBook } from '../../src/authorization/scopes.ts'
import { callerOf, endpoint, person, type Teardown } from '../helper.ts'

async function gate (t: Teardown, options: McpAuthOptions): Promise<MessageGate> {
  const { app } = await endpoint(t, { custom: () => null, ...options })
  const [only] = app.mcpGates ?? []
  if (only === undefined) throw new Error('there is no gate')
  return only
}

function request (method: string, params?: Record<string, unknown>): JsonRpcRequest {
  return { jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) }
}

const call = (name: string): JsonRpcRequest => request('tools/call', { name })

t.test('G-8: scopes by method, tool, prompt and resource, with wildcards', async t => {
  const { judge } = bound(await gate(t, {
    rules: [
      { method: 'tools/*', scopes: ['tools'] },
      { tool: ['delete_*', 'drop'], scopes: ['write'] },
      { prompt: 'secret', scopes: ['prompts'] },
      { resource: 'file:///etc/*', scopes: ['root'] }
    ]
  }))
  const rows: ReadonlyArray<readonly [message: JsonRpcRequest, scopes: string[]]> = [
    [call('delete_all'), ['tools', 'write']],
    [call('drop'), ['tools', 'write']],
    [call('dropped'), ['tools']],
    [request('tools/list'), ['tools']],
    [request('prompts/get', { name: 'secret' }), ['prompts']],
    [request('completion/complete', { ref: { type: 'ref/prompt', name: 'secret' } }), ['prompts']],
    [request('completion/complete', { ref: { type: 'ref/resource', uri: 'file:///etc/{name}' } }), ['root']],
    [request('resources/read', { uri: 'file:///etc/passwd' }), ['root']],
    [request('resources/subscribe', { uri: 'file:///etc/passwd' }), ['root']],
    [request('resources/unsubscribe', { uri: 'file:///etc/passwd' }), ['root']],
    [request('subscriptions/listen', { notifications: { resourceSubscriptions: ['file:///tmp', 'file:///etc/x'] } }), ['root']]
  ]
  for (const [message, scopes] of rows) {
    const refusal = await judge(message, [])
    t.match(refusal, { kind: 'refused', rung: 'scope', status: 403, id: undefined, code: -32600 }, JSON.stringify(message))
    t.match(refusal?.headers?.['www-authenticate'], `scope="${scopes.join(' ')}", error="insufficient_scope"`)
    t.equal(await judge(message, scopes), null)
  }
  const open = [
    request('prompts/get', { name: 'other' }), request('resources/read', { uri: 'file:///tmp' }), request('prompts/list'), request('ping'),
    request('constructor', { name: 'drop' }), request('prompts/get', { name: 7 }), request('completion/complete', { ref: null }),
    request('subscriptions/listen', { notifications: { resourceSubscriptions: 'file:///etc/x' } })
  ]
  for (const message of open) t.equal(await judge(message, []), null, message.method)
  t.not(await bound(await gate(t, { rules: [{ method: '*', scopes: ['mcp'] }] })).judge(request('ping'), []), null, 'nothing without')
})

t.test('G-8: the challenge names all scopes, also those the token has', async t => {
  const { judge } = bound(await gate(t, { rules: [{ method: 'tools/call', scopes: ['call'] }, { tool: '*', scopes: ['use', 'call'] }] }))
  const refusal = await judge(call('x'), ['call'])
  t.match(refusal?.headers?.['www-authenticate'], 'scope="call use"')
  t.match(refusal?.message, /needs the scopes call use/)
})

t.test('G-9: broader scopes imply narrower ones, over several steps and round in circles', async t => {
  const hierarchy = { admin: ['write'], write: ['read', 'list'], read: ['read'], a: ['b'], b: ['a'] }
  const { judge } = bound(await gate(t, { scopes: { hierarchy }, rules: [{ tool: 'list', scopes: ['list'] }, { tool: 'circle', scopes: ['a'] }] }))
  for (const scope of ['admin', 'write', 'list']) t.equal(await judge(call('list'), [scope]), null, scope)
  for (const scope of ['read', 'Admin', 'constructor']) t.not(await judge(call('list'), [scope]), null, scope)
  t.equal(await judge(call('circle'), ['b']), null)
  const book = new ScopeBook(hierarchy)
  const granted = ['admin']
  t.ok(book.covers(granted, ['read']) && book.covers(granted, ['list', 'admin']) && book.covers([], []))
})

t.test('G-20: what is hidden is not seen, and left to the transport to answer as unknown', async t => {
  const hiding = await gate(t, {
    rules: [
      { tool: 'admin_*', scopes: ['admin'], hidden: true },
      { resource: 'secret:*', scopes: ['admin'], hidden: true },
      { tool: '*', scopes: ['tools'] }
    ]
  })
  const sees = (kind: 'tool' | 'prompt' | 'resource', name: string, scopes: string[]) => hiding.sees?.(kind, name, person(scopes))
  t.equal(sees('tool', 'admin_reset', ['tools']), false)
  t.equal(sees('tool', 'admin_reset', ['admin']), true)
  t.equal(sees('tool', 'list', []), true, 'what is only protected is seen')
  t.equal(sees('prompt', 'admin_reset', []), true, 'a prompt is no tool')
  t.equal(sees('resource', 'secret:{name}', []), false)
  t.equal(hiding.sees?.('tool', 'admin_reset', null), false)
  const { judge } = bound(hiding)
  t.equal(await judge(call('admin_reset'), ['tools']), null)
  t.strictSame(await judge(call('admin_reset'), []), await judge(call('nowhere'), []), 'refused for the same reason as what does not exist')
})

t.test('G-20: a listen that names hidden resources passes, the transport leaves them out of it', async t => {
  const gated = await gate(t, { rules: [{ resource: 'secret:*', scopes: ['admin'], hidden: true }, { resource: 'open:*', scopes: ['read'] }] })
  const { judge } = bound(gated)
  const listen = (...uris: string[]) => request('subscriptions/listen', { notifications: { resourceSubscriptions: uris } })
  t.equal(await judge(listen('secret:1', 'nowhere:1'), []), null)
  t.equal(await judge(listen('secret:1', 'open:1'), ['read']), null)
  const refusal = await judge(listen('secret:1', 'open:1'), [])
  t.match(refusal, { status: 403 }, 'what is protected and not hidden asks for its scope')
  t.match(refusal?.headers?.['www-authenticate'], /scope="read", error="insufficient_scope"/, 'and for no other')
})

t.test('nobody is nobody', async t => {
  const only = await gate(t, { rules: [{ tool: 'x', scopes: ['x'] }] })
  t.match(await only.judge(request('ping'), callerOf(null)), { status: 401 })
})

t.test('wildcards: any characters, also none; what has the most stars is no slower', async t => {
  const rows: ReadonlyArray<readonly [pattern: string, fitting: string[], other: string[]]> = [
    ['*', ['', 'a', 'a/b\n'], []],
    ['a*', ['a', 'ab'], ['', 'ba']],
    ['*a', ['a', 'ba'], ['ab']],
    ['a*a', ['aa', 'aba'], ['a', 'ab']],
    ['a*b*c', ['abc', 'axbxc', 'abbc'], ['acb', 'ac', 'bc']],
    ['a**b', ['ab', 'axb'], ['a']],
    ['*b*b*', ['bb', 'abab'], ['ab']],
    ['a.c', ['a.c'], ['abc']],
    ['file:///*.txt', ['file:///a/b.txt'], ['file:///a.txt.gz']]
  ]
  for (const [pattern, fitting, other] of rows) {
    const fits = matcher(pattern)
    t.strictSame(fitting.filter(text => !fits(text)), [], pattern)
    t.strictSame(other.filter(text => fits(text)), [], `not ${pattern}`)
  }
  t.equal(matcher(`${'a*'.repeat(500)}b`)('a'.repeat(50_000)), false)
})

/** A gate asked on behalf of a person with these scopes. */
function bound (gate: MessageGate) {
  return { judge: async (message: JsonRpcRequest, scopes: readonly string[]) => gate.judge(message, callerOf(person(scopes))) }
}
