import t from 'tap'
import { McpServer, requireScopes } from '@modelcontextprotocol/server'
import { sdkApplication } from '../src/index.ts'
import { alice, bob, call, enveloped, exchange, open } from './helper.ts'

t.test('a tool that asks for scopes is refused to callers without them, in both eras', async t => {
  let calls = 0
  const application = sdkApplication(() => {
    const server = new McpServer({ name: 'scoped', version: '1' })
    server.registerTool('write', { scopeChallenge: requireScopes('write') }, () => {
      calls++
      return { content: [] }
    })
    server.registerTool('read', { scopeChallenge: async context => requireScopes('read')(context) }, () => ({ content: [] }))
    return server
  })
  t.teardown(() => application.close?.())
  const session = await open(application)
  const refusal = { code: -32600, message: 'Insufficient scope', data: { error: 'insufficient_scope', scope: 'write' } }
  t.match(await (await exchange(application, call('write', {}, 'id'), { session, principal: alice })).answer(), { id: 'id', error: refusal })
  t.match(await (await exchange(application, enveloped(call('write')), { principal: alice })).error(), refusal)
  t.equal(calls, 0)
  await (await exchange(application, enveloped(call('read')), { principal: alice })).result()
  await (await exchange(application, enveloped(call('read')), { principal: bob })).error()
  await (await exchange(application, call('write'), { session, principal: { ...alice, scopes: ['write'] } })).result()
  t.equal(calls, 1)
})
