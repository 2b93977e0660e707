import t from 'tap'
import {
  Observers, observersOf, WatchedCall,
  type CallEnd, type CallWatch, type ObservedCall, type ObservedScope, type Observer, type OnObserverError
} from '../src/index.ts'

const call: ObservedCall = {
  message: { jsonrpc: '2.0', id: 1, method: 'ping' },
  revision: '2025-11-25',
  session: null,
  principal: null,
  request: { method: 'POST', url: '', headers: {} }
}
const done: CallEnd = { kind: 'done' }
const refusal = { kind: 'refused', rung: 'body', status: 400, id: undefined, code: -32700, message: '' } as const
const session = { id: 's', revision: '2025-11-25', createdAt: 0 } as const

function watched ([first, ...others]: readonly [CallWatch, ...CallWatch[]], onError: OnObserverError): WatchedCall {
  const watch = new WatchedCall(first, onError)
  for (const other of others) watch.add(other)
  return watch
}

const broken = (): never => { throw new Error('broken') }

t.test('the observers of a scope are its own and those around it, outermost first, whenever they came', async t => {
  const heard: string[] = []
  const named = (name: string): Observer => ({ refused: () => { heard.push(name) } })
  const root: { mcpObservers?: Observer[] } = {}
  const child: { mcpObservers?: Observer[] } = Object.create(root) as object
  const bare: ObservedScope = Object.create(child) as object
  t.equal(observersOf(bare, broken), undefined)
  child.mcpObservers = [named('child')]
  root.mcpObservers = [named('root'), named('second')]
  observersOf(bare, broken)?.refused(refusal)
  t.strictSame(heard, ['root', 'second', 'child'])
  heard.length = 0
  observersOf(root, broken)?.refused(refusal)
  t.strictSame(heard, ['root', 'second'])
})

t.test('one that throws, whatever it is told, keeps nobody else from hearing', async t => {
  const errors: unknown[] = []
  const heard: string[] = []
  const bad: Required<Observer> = {
    began: broken,
    refused: broken,
    streamOpened: broken,
    sessionOpened: broken,
    sessionEnded: broken,
    sessionKept: broken,
    sessionLetGo: broken,
    countsSessions: broken
  }
  const good: Required<Observer> = {
    began: () => ({ ended: () => { heard.push('ended') } }),
    refused: () => { heard.push('refused') },
    streamOpened: () => ({ wrote: () => { heard.push('wrote') }, closed: () => { heard.push('closed') } }),
    sessionOpened: () => { heard.push('sessionOpened') },
    sessionEnded: () => { heard.push('sessionEnded') },
    sessionKept: () => { heard.push('sessionKept') },
    sessionLetGo: () => { heard.push('sessionLetGo') },
    countsSessions: () => { heard.push('countsSessions') }
  }
  const observers = new Observers([bad, good], error => errors.push(error))
  observers.began(call)?.ended(done)
  observers.refused(refusal)
  const stream = observers.streamOpened({ kind: 'post', revision: '2025-11-25', session })
  stream?.wrote(1, 0)
  stream?.closed('ended')
  observers.sessionOpened(session)
  observers.sessionEnded(session, 'over')
  observers.sessionKept(session)
  observers.sessionLetGo(session)
  observers.countsSessions({ count: () => 1 })
  const told = ['ended', 'refused', 'wrote', 'closed', 'sessionOpened', 'sessionEnded', 'sessionKept', 'sessionLetGo', 'countsSessions']
  t.strictSame(heard, told)
  t.equal(errors.length, Object.keys(bad).length)
})

t.test('a watch that throws keeps no other from hearing', async t => {
  const errors: unknown[] = []
  const heard: string[] = []
  const bad = { failed: broken, ended: broken, wrote: broken, closed: broken }
  const good = { failed: () => { heard.push('failed') }, ended: () => { heard.push('ended') } }
  const watch = watched([bad, good], error => errors.push(error))
  watch.failed(new Error('the application failed'))
  watch.ended(done)
  t.strictSame(heard, ['failed', 'ended'])
  t.equal(errors.length, 2)
})

t.test('nobody watches where nobody wants to', async t => {
  const observers = new Observers([{}, { began: () => undefined }], broken)
  t.equal(observers.began(call), undefined)
  t.equal(observers.streamOpened({ kind: 'post', revision: '2025-11-25', session: null }), undefined)
  t.doesNotThrow(() => observers.refused(refusal))
})

t.test('the work is done once and at once, whatever the watches do', async t => {
  const misbehaving: ReadonlyArray<readonly [string, (work: () => void) => void]> = [
    ['never calls it', () => {}],
    ['calls it twice', work => { work(); work() }],
    ['throws before', () => broken()],
    ['throws after', work => { work(); broken() }]
  ]
  for (const [what, run] of misbehaving) {
    let done = 0
    const order: string[] = []
    const good = { run: (work: () => void) => { order.push('in'); work(); order.push('out') }, ended: () => {} }
    t.equal(watched([good], () => {}).runs, true)
    t.equal(watched([{ ended: () => {} }], () => {}).runs, false)
    t.equal(watched([{ ended: () => {} }, good], () => {}).runs, true)
    watched([{ run, ended: () => {} }, good], () => {}).run(() => { done++ })
    t.equal(done, 1, what)
    t.strictSame(order, ['in', 'out'], what)
  }
})

t.test('only the first end of a call counts', async t => {
  const ends: CallEnd[] = []
  const watch = watched([{ ended: end => { ends.push(end) } }], broken)
  watch.ended({ kind: 'cancelled', reason: 'first' })
  watch.ended(done)
  t.strictSame(ends, [{ kind: 'cancelled', reason: 'first' }])
})
