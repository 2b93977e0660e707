import type { JsonObject } from '@mcp/protocol'
import t, { type Test } from 'tap'
import type { AuthorizeResource } from '../src/index.ts'
import { answering, modern, readEvents, startApp, type EventReader, type TestApp } from './helper.ts'

/** Callers name themselves in `x-user`. */
async function start (t: Test, authorizeResource: AuthorizeResource): Promise<TestApp> {
  const capabilities = { resources: { subscribe: true }, tools: { listChanged: true } }
  const application = answering({ 'server/discover': () => ({ capabilities }) })
  return startApp(t, { application, authorizeResource }, {}, app => {
    app.decorateRequest('mcpPrincipal', null)
    app.addHook('onRequest', async request => {
      const user = request.headers['x-user']
      if (typeof user === 'string') request.mcpPrincipal = { kind: 'test', issuer: 'test', subject: user, scopes: [] }
    })
  })
}

async function listen ({ open }: TestApp, user: string, uris: string[]): Promise<{ honoured: unknown, reader: EventReader }> {
  const notifications: JsonObject = { resourceSubscriptions: uris, toolsListChanged: true }
  const response = await open(...modern('subscriptions/listen', { notifications }, user === '' ? {} : { 'x-user': user }))
  const reader = readEvents(response)
  return { honoured: (await reader.next())?.message.params?.notifications, reader }
}

function changed (uri: string): { method: 'notifications/resources/updated', params: { uri: string } } {
  return { method: 'notifications/resources/updated', params: { uri } }
}

t.test('E-35: resources the caller may not see are left out of the acknowledgement without a word', async t => {
  const asked: unknown[] = []
  const server = await start(t, (principal, uri) => {
    asked.push([principal?.subject ?? null, uri])
    return uri.startsWith(`user:${principal?.subject}`)
  })
  const ann = await listen(server, 'ann', ['user:ann/1', 'user:bob/1'])
  t.strictSame(ann.honoured, { toolsListChanged: true, resourceSubscriptions: ['user:ann/1'] })
  const nobody = await listen(server, '', ['user:ann/1'])
  t.strictSame(nobody.honoured, { toolsListChanged: true, resourceSubscriptions: [] })
  t.strictSame(asked, [['ann', 'user:ann/1'], ['ann', 'user:bob/1'], [null, 'user:ann/1']])
})

t.test('E-35: rights are asked for again on delivery', async t => {
  const revoked = new Set<string>()
  const server = await start(t, async (principal, uri) => !revoked.has(`${principal?.subject} ${uri}`))
  const ann = await listen(server, 'ann', ['a:1', 'a:2'])
  const bob = await listen(server, 'bob', ['a:1', 'a:2'])
  revoked.add('ann a:1')
  await server.app.mcp.publish(changed('a:1'))
  await server.app.mcp.publish(changed('a:2'))
  t.equal((await ann.reader.next())?.message.params?.uri, 'a:2')
  t.equal((await bob.reader.next())?.message.params?.uri, 'a:1')
})

t.test('E-35, A-14: where rights cannot be told there are none, and nobody else is the worse for it', async t => {
  let broken = false
  const server = await start(t, principal => {
    if (broken && principal?.subject === 'ann') throw new Error('the directory is down')
    return true
  })
  const ann = await listen(server, 'ann', ['a:1'])
  const bob = await listen(server, 'bob', ['a:1'])
  broken = true
  await server.app.mcp.publish(changed('a:1'))
  t.equal((await bob.reader.next())?.message.params?.uri, 'a:1')
  await server.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  t.equal((await ann.reader.next())?.message.method, 'notifications/tools/list_changed', 'what needs no right is delivered')
  t.strictSame((await listen(server, 'ann', ['a:1'])).honoured, { toolsListChanged: true, resourceSubscriptions: [] })
  t.match(server.logs.filter(line => line.level === 50), [{ err: { message: 'the directory is down' } }, { err: { message: 'the directory is down' } }])
})
