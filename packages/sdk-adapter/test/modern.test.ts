import t from 'tap'
import { inputRequired, McpServer, Server } from '@modelcontextprotocol/server'
import { sdkApplication } from '../src/index.ts'
import { alice, bob, call, enveloped, exchange, MODERN, notification, request, TestExchange, text, turns } from './helper.ts'
import { Probe, serverV2 } from './servers.ts'

const capabilities = 'io.modelcontextprotocol/clientCapabilities'
const logLevel = 'io.modelcontextprotocol/logLevel'

for (const reuse of ['never', 'principal'] as const) {
  t.test(`reuse: ${reuse}`, async t => {
    t.test('answers with the marks of the era (E-5, E-7)', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      for (const id of [1, '1', 0, '']) {
        const echo = await exchange(application, enveloped(call('echo', { text: 'hi' }, id)))
        const result = await echo.result()
        t.equal(text(result), 'hi')
        t.match(result, { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'v2' } } })
        t.strictSame((await echo.answer()).id, id)
      }
    })

    t.test('E-8 server/discover', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      const result = await (await exchange(application, enveloped(request('server/discover')))).result()
      t.match(result, { supportedVersions: [MODERN], capabilities: { tools: {}, resources: { subscribe: true } } })
    })

    t.test('B-19 unknown and removed methods', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      for (const method of ['no/such', 'ping', 'initialize', 'logging/setLevel', 'resources/subscribe']) {
        t.equal((await (await exchange(application, enveloped(request(method)))).error()).code, -32601, method)
      }
    })

    t.test('handlers learn who calls, through which request, from which client', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      const seen = async (name: string): Promise<unknown> => {
        const meta = { 'io.modelcontextprotocol/clientInfo': { name, version: '1' }, [capabilities]: { sampling: {} } }
        const who = await exchange(application, enveloped(call('who', {}, 42), meta), { principal: alice })
        return JSON.parse(String(text(await who.result())))
      }
      for (const name of ['first', 'second']) {
        t.match(await seen(name), {
          auth: { token: 'secret', clientId: 'app', extra: { team: 'blue' } },
          header: 'yes',
          url: 'http://127.0.0.1:3000/mcp?x=1',
          isRequest: true,
          client: { name },
          capabilities: { sampling: {} }
        })
      }
    })

    t.test('C-31 C-35 notifications of a request precede its answer; a level must be asked for (E-50)', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      const silent = await exchange(application, enveloped(call('log')))
      await silent.result()
      t.equal(silent.sent.length, 1)
      const log = await exchange(application, enveloped(call('log'), { [logLevel]: 'error' }))
      await log.result()
      t.match(log.sent, [{ method: 'notifications/message', params: { data: 'bad' } }, { result: {} }])
      t.equal(log.sent.length, 2)
    })

    t.test('C-34 cancellation aborts the handler; nothing is answered', async t => {
      const probe = new Probe()
      const application = sdkApplication(() => serverV2(probe), { reuse })
      t.teardown(() => application.close?.())
      const [first, second] = [await exchange(application, enveloped(call('wait', { gate: 'a' }))), await exchange(application, enveloped(call('wait', { gate: 'b' })))]
      await turns()
      first.cancel()
      await turns()
      t.ok(probe.seen.includes('aborted a'))
      t.notOk(probe.seen.includes('aborted b'))
      probe.open('b')
      t.equal(text(await second.result()), 'b')
      await turns()
      t.notOk(first.sent.some(message => !('method' in message)))
    })

    t.test('E-55 input_required, and the retry with what was asked for', async t => {
      const application = sdkApplication(() => {
        const server = new McpServer({ name: 'mrtr', version: '1' })
        server.registerTool('greet', {}, context => {
          const answer = context.mcpReq.inputResponses?.name
          if (answer !== undefined) return { content: [{ type: 'text', text: `${context.mcpReq.requestState()} ${JSON.stringify(answer)}` }] }
          const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
          return inputRequired({ inputRequests: { name: inputRequired.elicit({ message: 'who?', requestedSchema }) }, requestState: 'step-1' })
        })
        return server
      }, { reuse })
      t.teardown(() => application.close?.())
      const meta = { [capabilities]: { elicitation: { form: {} } } }
      const asked = await (await exchange(application, enveloped(call('greet'), meta))).result()
      t.match(asked, { resultType: 'input_required', requestState: 'step-1', inputRequests: { name: { method: 'elicitation/create' } } })
      const retry = request('tools/call', {
        name: 'greet', arguments: {}, requestState: 'step-1', inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } }
      })
      t.match(text(await (await exchange(application, enveloped(retry, meta))).result()), /^step-1 .*Ada/)
      const undeclared = await exchange(application, enveloped(call('greet')))
      t.match(await undeclared.error(), { code: -32021, data: { requiredCapabilities: { elicitation: {} } } })
    })

    t.test('C-31 there are no requests to the client', async t => {
      const application = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => application.close?.())
      const elicit = await exchange(application, enveloped(call('elicit')))
      t.match(await elicit.answer(), { result: { isError: true } })
      t.equal(elicit.sent.length, 1)
    })

    t.test('changes are published, not sent on the stream of a request', async t => {
      const published: unknown[] = []
      const application = sdkApplication(() => serverV2(), { reuse, publish: message => { published.push(message) } })
      t.teardown(() => application.close?.())
      const changed = await exchange(application, enveloped(call('changed')))
      await changed.result()
      t.equal(changed.sent.length, 1)
      t.match(published, [{ method: 'notifications/tools/list_changed' }, { method: 'notifications/resources/updated', params: { uri: 'file:///a' } }])
      const unheard = sdkApplication(() => serverV2(), { reuse })
      t.teardown(() => unheard.close?.())
      t.equal(text(await (await exchange(unheard, enveloped(call('changed')))).result()), 'changed')
      const errors: unknown[] = []
      const deaf = sdkApplication(() => serverV2(), { reuse, publish: async () => { throw new Error('bus is down') }, onError: error => errors.push(error) })
      t.teardown(() => deaf.close?.())
      t.equal(text(await (await exchange(deaf, enveloped(call('changed')))).result()), 'changed')
      t.equal(errors.length, 2)
    })

    t.test('notifications reach the server; a response reaches nobody', async t => {
      const seen: string[] = []
      const application = sdkApplication(() => {
        const server = serverV2()
        server.server.fallbackNotificationHandler = async message => { seen.push(message.method) }
        return server
      }, { reuse })
      t.teardown(() => application.close?.())
      await exchange(application, enveloped(notification('notifications/of-our-own')))
      await exchange(application, { jsonrpc: '2.0', id: 1, result: {} })
      await turns()
      t.strictSame(seen, ['notifications/of-our-own'])
    })

    t.test('a low-level Server will do', async t => {
      const application = sdkApplication(() => {
        const server = new Server({ name: 'low', version: '1' }, { capabilities: { tools: {} } })
        server.setRequestHandler('tools/list', () => ({ tools: [] }))
        server.setRequestHandler('tools/call', async request => ({ content: [{ type: 'text', text: request.params.name }] }))
        return server
      }, { reuse })
      t.teardown(() => application.close?.())
      t.equal(text(await (await exchange(application, enveloped(call('any')))).result()), 'any')
    })

    t.test('closing the application answers what is left', async t => {
      const probe = new Probe()
      const application = sdkApplication(() => serverV2(probe), { reuse })
      const waiting = await exchange(application, enveloped(call('wait', { gate: 'a' })))
      await turns()
      await application.close?.()
      t.match(await waiting.answer(), { error: { code: -32603 } })
      t.strictSame(probe.seen.filter(line => line !== 'closed'), ['aborted a'])
      await t.rejects(exchange(application, enveloped(call('echo', { text: 'x' }))), { code: 'MCP_SDK_CLOSED' })
    })
  })
}

t.test('each request has a server of its own, closed after its answer', async t => {
  const probe = new Probe()
  const contexts: unknown[] = []
  const application = sdkApplication(context => {
    contexts.push(context)
    return serverV2(probe)
  })
  t.teardown(() => application.close?.())
  for (const id of [1, 2]) await (await exchange(application, enveloped(call('echo', { text: 'x' }, id)), { principal: alice })).result()
  await exchange(application, enveloped(notification('notifications/of-our-own')))
  await turns()
  t.equal(probe.built.length, 3)
  t.strictSame(probe.seen, ['closed', 'closed', 'closed'])
  t.match(contexts, [{ era: 'modern', session: null, authInfo: { clientId: 'app' }, request: { method: 'POST' }, requestInfo: { method: 'POST' } }])
})

t.test('who listens for the close of a server gets errors with stack traces, and everybody does afterwards', async t => {
  const limit = Error.stackTraceLimit
  const stacks: Array<string | undefined> = []
  const close = async (watched: boolean): Promise<void> => {
    const application = sdkApplication(() => {
      const server = new McpServer({ name: 's', version: '1' })
      if (watched) server.server.onclose = () => { stacks.push(new Error('closed').stack) }
      return server
    })
    await (await exchange(application, enveloped(request('server/discover')))).result()
    await turns()
    t.equal(Error.stackTraceLimit, limit)
  }
  await close(false)
  await close(true)
  t.match(stacks, [/\n +at /])
})

t.test('an exchange is heard of its abort without its signal being read', async t => {
  for (const reuse of ['never', 'principal'] as const) {
    const probe = new Probe()
    const application = sdkApplication(() => serverV2(probe), { reuse })
    t.teardown(() => application.close?.())
    const made = new TestExchange(enveloped(call('wait', { gate: 'a' })))
    Object.defineProperty(made, 'signal', { get: () => { throw new Error('read') } })
    await application.accept(made)
    await turns()
    made.cancel()
    await turns()
    t.ok(probe.seen.includes('aborted a'))
  }
})

t.test('a handler that succeeded does not see its signal fire', async t => {
  let aborted = false
  const application = sdkApplication(() => {
    const server = new McpServer({ name: 's', version: '1' })
    server.registerTool('quick', {}, context => {
      context.mcpReq.signal.addEventListener('abort', () => { aborted = true })
      return { content: [] }
    })
    return server
  })
  await (await exchange(application, enveloped(call('quick')))).result()
  await turns()
  t.notOk(aborted)
})

t.test('reuse: one server for each principal, at most maxReused idle', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe), { reuse: 'principal', maxReused: 2 })
  t.teardown(() => application.close?.())
  const ask = async (principal: typeof alice | null): Promise<void> => {
    await (await exchange(application, enveloped(call('echo', { text: 'x' })), { principal })).result()
  }
  await Promise.all([ask(alice), ask(alice)])
  await ask({ ...alice, token: 'renewed' })
  t.equal(probe.built.length, 1)
  await ask(bob)
  await ask(alice)
  t.equal(probe.built.length, 2)
  await ask(null)
  await turns()
  t.equal(probe.built.length, 3)
  t.strictSame(probe.seen, ['closed'], 'the one idle for longest is gone')
  await ask(bob)
  t.equal(probe.built.length, 4)
})

t.test('reuse: clients of one principal do not share a server', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe), { reuse: 'principal' })
  t.teardown(() => application.close?.())
  const names = ['one', 'two', 'one', 'two']
  const made = names.map(name => new TestExchange(enveloped(call('who', {}, 1), { 'io.modelcontextprotocol/clientInfo': { name, version: '1' } })))
  await Promise.all(made.map(one => application.accept(one)))
  for (const [i, one] of made.entries()) t.match(JSON.parse(String(text(await one.result()))), { client: { name: names[i] } })
  t.equal(probe.built.length, 2)
})

t.test('reuse: many at once, in any order, on one server', async t => {
  const probe = new Probe()
  const application = sdkApplication(() => serverV2(probe), { reuse: 'principal' })
  t.teardown(() => application.close?.())
  const made = Array.from({ length: 50 }, (_, i) => new TestExchange(enveloped(call('wait', { gate: `g${i}` }, 1))))
  await Promise.all(made.map(one => application.accept(one)))
  await turns()
  for (let i = made.length - 1; i >= 0; i--) probe.open(`g${i}`)
  for (const [i, one] of made.entries()) {
    t.equal(text(await one.result()), `g${i}`)
    t.equal((await one.answer()).id, 1)
  }
  t.equal(probe.built.length, 1)
})
