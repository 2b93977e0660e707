import t from 'tap'
import { answering, BOTH, call, modern, readAnswer, startApp, type Answer, type TestApp } from './helper.ts'

const application = answering({
  'test/talk': async exchange => {
    await exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })
    return { done: true }
  }
})

/** The same request without a socket. */
async function inject ({ app }: TestApp, [body, headers]: ReturnType<typeof modern>): Promise<Answer> {
  const reply = await app.inject({ method: 'POST', url: '/mcp', payload: body, headers: { host: 'localhost', accept: BOTH, ...headers } })
  const fields = Object.entries(reply.headers).map(([name, value]): [string, string] => [name, String(value)])
  return readAnswer(new Response(reply.body === '' ? null : reply.body, { status: reply.statusCode, headers: fields }))
}

t.test('hooks run on JSON replies, streams and refusals, and headers set by others survive', async t => {
  const ran: string[] = []
  const server = await startApp(t, { application }, {}, app => {
    app.addHook('onRequest', async (_request, reply) => { reply.header('access-control-allow-origin', 'http://localhost:1').header('vary', 'Origin') })
    app.addHook('onSend', async (_request, reply, payload) => {
      ran.push('onSend')
      reply.header('x-on-send', 'yes')
      return payload
    })
    app.addHook('onResponse', async () => { ran.push('onResponse') })
  })
  const session = await server.initialize()
  ran.length = 0
  for (const [body, headers, status, type] of [
    [...modern('server/discover'), 200, /json/], [...modern('test/talk'), 200, /event-stream/], [call('test/talk'), session, 200, /event-stream/],
    [call('ping'), {}, 400, /json/], [...modern('no/such'), 404, /json/], ['{', {}, 400, /json/], [call('ping'), { accept: 'text/html' }, 406, /json/]
  ] as const) {
    const answer = await server.rpc(body, headers)
    t.equal(answer.status, status)
    t.match(answer.headers.get('content-type'), type)
    t.equal(answer.headers.get('access-control-allow-origin'), 'http://localhost:1', `${type} ${status}`)
    t.equal(answer.headers.get('vary'), 'Origin')
    t.equal(answer.headers.get('x-on-send'), 'yes')
  }
  await server.app.close()
  t.equal(ran.filter(name => name === 'onSend').length, 7)
  t.equal(ran.filter(name => name === 'onResponse').length, 7)
})

t.test('app.inject works for JSON replies, finite streams and refusals', async t => {
  const server = await startApp(t, { application })
  t.match(await inject(server, modern('server/discover')), { status: 200, message: { id: 1, result: { resultType: 'complete' } } })
  const stream = await inject(server, modern('test/talk'))
  t.equal(stream.headers.get('content-type'), 'text/event-stream')
  t.match(stream.messages, [{ method: 'notifications/progress' }, { id: 1, result: { done: true } }])
  t.match(await inject(server, modern('no/such')), { status: 404, message: { error: { code: -32601 } } })
})

t.test('B-3, D-13: a hook may refuse before anything is read, and is heard in JSON', async t => {
  let parsed = 0
  const server = await startApp(t, { application }, {}, app => {
    app.addHook('preParsing', async () => { parsed++ })
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers.authorization === 'Bearer good') return
      reply.header('www-authenticate', 'Bearer')
      throw Object.assign(new Error('Show a credential'), { statusCode: 401 })
    })
  })
  const refused = await server.rpc(...modern('server/discover'))
  t.equal(refused.status, 401)
  t.equal(refused.headers.get('www-authenticate'), 'Bearer')
  t.equal(parsed, 0)
  t.match(refused.message, { jsonrpc: '2.0', error: { code: -32600, message: 'Show a credential' } })
  t.equal((await server.rpc(...modern('server/discover', {}, { authorization: 'Bearer good' }))).status, 200)
})
