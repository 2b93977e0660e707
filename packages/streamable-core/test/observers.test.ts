import t from 'tap'
import type { CallEnd, Observer } from '@mcp/protocol'
import { answering, call, modern, readAnswer, readEvents, startApp, type TestApp } from './helper.ts'
import { answer, get, listen, progress, puppet, remove, until } from './session-client.ts'

/** Throws whatever it is told, watches included. */
function broken (): { observer: Required<Observer>, told: Set<string> } {
  const told = new Set<string>()
  const fail = (name: string) => (): never => {
    told.add(name)
    throw new Error(`broken ${name}`)
  }
  const began: Required<Observer>['began'] = () => ({ run: fail('run'), failed: fail('failed'), ended: fail('ended') })
  const streamOpened: Required<Observer>['streamOpened'] = () => ({ wrote: fail('wrote'), closed: fail('closed') })
  const observer: Required<Observer> = {
    began,
    streamOpened,
    refused: fail('refused'),
    sessionOpened: fail('sessionOpened'),
    sessionEnded: fail('sessionEnded'),
    sessionKept: fail('sessionKept'),
    sessionLetGo: fail('sessionLetGo'),
    countsSessions: fail('countsSessions')
  }
  return { observer, told }
}

const observed = (...observers: Observer[]) => (app: TestApp['app']): void => { app.decorate('mcpObservers', observers) }

t.test('an observer that fails whenever it can harms no request', async t => {
  const { observer, told } = broken()
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, observed(observer))
  const session = await node.initialize()

  const running = node.rpc(call('work'), session)
  const exchange = await requests.next()
  await progress(exchange, 1)
  await answer(exchange, { done: true })
  t.strictSame((await running).messages.map(({ method, result }) => method ?? result), ['notifications/progress', { done: true }])

  const standalone = await listen(node, session)
  await node.app.mcp.publish({ method: 'notifications/tools/list_changed' })
  t.equal((await standalone.next())?.message.method, undefined, 'priming')
  t.equal((await standalone.next())?.message.method, 'notifications/tools/list_changed')

  const now = node.rpc(...modern('work'))
  await answer(await requests.next(), { done: true })
  t.match((await now).message, { result: { done: true } })
  t.equal((await node.rpc(call('work'), { 'mcp-session-id': 'unknown' })).status, 404)
  t.equal((await remove(node, session)).status, 204)
  await standalone.rest()
  t.equal((await get(node, session)).status, 404)

  const failing = await startApp(t, { application: answering({ work: () => { throw new Error('broken application') } }) }, {}, observed(observer))
  t.match((await failing.rpc(...modern('work'))).message, { error: { code: -32603 } })
  t.strictSame([...told].toSorted(), [
    'closed', 'countsSessions', 'ended', 'failed', 'refused', 'run', 'sessionEnded', 'sessionKept', 'sessionLetGo', 'sessionOpened', 'wrote'
  ])
  t.ok(node.logs.some(line => line.msg === 'an observer failed'), 'the log says so')
})

t.test('every call has one end, and the application runs inside its watch', async t => {
  const ends: Array<[string, CallEnd['kind']]> = []
  let inside = 0
  const seen: number[] = []
  const observer: Observer = {
    began: ({ message }) => ({
      run: work => {
        inside++
        work()
        inside--
      },
      ended: ({ kind }) => { ends.push([message.method, kind]) }
    })
  }
  const application = answering({
    work: () => {
      seen.push(inside)
      return {}
    },
    fail: () => { throw new Error('no') }
  })
  const node = await startApp(t, { application }, {}, observed(observer))
  const session = await node.initialize()
  await node.rpc(call('work'), session)
  await node.rpc(call('fail'), session)
  await node.rpc({ jsonrpc: '2.0', method: 'notifications/unknown' }, session)
  t.strictSame(ends, [
    ['initialize', 'answered'], ['notifications/initialized', 'done'], ['work', 'answered'], ['fail', 'answered'], ['notifications/unknown', 'done']
  ])
  t.strictSame(seen, [1])
  t.equal(inside, 0)
})

t.test('what the endpoint asks its application itself is nobody\'s call', async t => {
  const methods: string[] = []
  const observer: Observer = { began: ({ message }) => { methods.push(message.method); return undefined } }
  const application = answering({ 'tools/list': () => ({ tools: [] }), 'tools/call': () => ({ content: [] }) })
  const node = await startApp(t, { application }, {}, observed(observer))
  await node.rpc(...modern('tools/call', { name: 'echo' }))
  const reply = await node.open(...modern('subscriptions/listen', { notifications: { toolsListChanged: true } }))
  t.strictSame(methods, ['tools/call', 'subscriptions/listen'])
  await reply.body?.cancel()
})

t.test('a client\'s answer to the application is no call of its own', async t => {
  const methods: string[] = []
  const observer: Observer = { began: ({ message }) => { methods.push(message.method); return undefined } }
  const { application, requests, others } = puppet()
  const node = await startApp(t, { application }, {}, observed(observer))
  const session = await node.initialize()
  const running = node.open(call('work'), session)
  const exchange = await requests.next()
  await exchange.send({ jsonrpc: '2.0', id: 'q', method: 'roots/list' })
  const events = readEvents(await running)
  await events.next() // The priming one.
  await node.rpc({ jsonrpc: '2.0', id: (await events.next())?.message.id, result: { roots: [] } }, session)
  t.match((await others.next()).message, { id: 'q', result: { roots: [] } })
  await answer(exchange)
  await events.rest()
  t.strictSame(methods, ['initialize', 'notifications/initialized', 'work'])
})

t.test('sessions: each is opened, kept, let go and ended once', async t => {
  const told: string[] = []
  const observer: Observer = {
    sessionOpened: () => { told.push('opened') },
    sessionKept: () => { told.push('kept') },
    sessionLetGo: () => { told.push('let go') },
    sessionEnded: (_session, reason) => { told.push(reason) }
  }
  const node = await startApp(t, { limits: { sessionIdleMs: 100 } }, {}, observed(observer))
  await remove(node, await node.initialize())
  t.strictSame(told.toSorted(), ['ended by the client', 'kept', 'let go', 'opened'])
  told.length = 0
  const idle = await node.initialize()
  await until(async () => (await node.rpc(call('ping'), { ...idle, 'mcp-session-id': 'x' })).status === 404 && told.includes('expired'))
  t.strictSame(told.toSorted(), ['expired', 'kept', 'let go', 'opened'])
  told.length = 0
  await node.initialize()
  await node.app.close()
  t.strictSame(told, ['kept', 'opened', 'let go'], 'a server that closes ends no session')
})

t.test('a batch that is answered as JSON ends each of its calls', async t => {
  const ends: string[] = []
  const observer: Observer = { began: () => ({ ended: ({ kind }) => { ends.push(kind) } }) }
  const node = await startApp(t, {}, {}, observed(observer))
  const session = await node.initialize('2025-03-26')
  const reply = await readAnswer(await node.open([call('ping', {}, 1), call('none', {}, 2)], session))
  t.equal(reply.messages.length, 2)
  t.strictSame(ends.slice(2), ['answered', 'answered'])
})

t.test('asynchronous observers and listeners that reject, and listeners that throw, end no process', async t => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => { unhandled.push(reason) }
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  t.teardown(() => {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
  })
  const reject = async (): Promise<never> => { throw new Error('rejected') }
  const fail = (): never => { throw new Error('thrown') }
  const observer: Observer = {
    began: () => ({ ended: reject, failed: reject, settled: reject }),
    streamOpened: () => ({ wrote: reject, closed: reject }),
    refused: reject,
    sessionOpened: reject,
    sessionEnded: reject,
    sessionKept: reject,
    sessionLetGo: reject,
    countsSessions: reject
  }
  // Code without types may pass asynchronous functions for these too.
  const late = { began: reject, streamOpened: reject } as unknown as Observer
  const { application, requests } = puppet()
  const node = await startApp(t, { application }, {}, observed(observer, late))
  const session = await node.initialize()
  const standalone = await listen(node, session)
  const running = node.rpc(call('work'), session)
  const exchange = await requests.next()
  for (const listener of [reject, fail]) {
    exchange.signal.addEventListener('abort', listener)
    exchange.onAbort(listener)
    exchange.session?.onClose(listener)
  }
  await progress(exchange, 1)
  t.equal((await remove(node, session)).status, 204)
  await running
  await standalone.rest()
  t.equal((await node.rpc(call('work'), session)).status, 404)
  await new Promise(resolve => setTimeout(resolve, 20))
  t.strictSame(unhandled, [])
  const logged = node.logs.map(({ err }) => (err as { message?: string } | undefined)?.message)
  t.ok(logged.includes('rejected') && logged.includes('thrown'), 'the log says so')
})
