import { mock } from 'node:test'
import type { JsonRpcNotification, Pace } from '@mcp/protocol'
import t, { type Test } from 'tap'
import { Pacer } from '../src/pacer.ts'

const RULE = { max: 2, windowMs: 1000 }

interface Paced {
  readonly pacer: Pacer
  /** What went out, by progress and data. */
  readonly sent: unknown[]
  readonly leftOut: string[]
}

function paced (t: Test, pace: Pace = { progress: RULE, log: RULE }): Paced {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  // The mocked timers leave the monotonic clock alone.
  const clock = mock.method(performance, 'now', () => Date.now())
  t.teardown(() => {
    clock.mock.restore()
    mock.timers.reset()
  })
  const sent: unknown[] = []
  const leftOut: string[] = []
  const pacer = new Pacer(pace, {
    onError: error => { throw error },
    send: async ({ params }) => { sent.push(params?.progress ?? params?.data) },
    leftOut: method => leftOut.push(method)
  })
  return { pacer, sent, leftOut }
}

function progress (progress: number, progressToken: unknown = 'a'): JsonRpcNotification {
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } }
}

function log (data: string, level = 'info'): JsonRpcNotification {
  return { jsonrpc: '2.0', method: 'notifications/message', params: { level, data } }
}

t.test('H-11 beyond the limit the newest report waits, and goes out when the window is over', async t => {
  const { pacer, sent, leftOut } = paced(t)
  for (let i = 1; i <= 10; i++) pacer.say(progress(i))
  t.strictSame(sent, [1, 2])
  mock.timers.tick(999)
  t.strictSame(sent, [1, 2])
  mock.timers.tick(1)
  t.strictSame(sent, [1, 2, 10])
  pacer.say(progress(11))
  pacer.say(progress(12))
  t.strictSame(sent, [1, 2, 10, 11], 'what waited counts in the new window')
  mock.timers.tick(1000)
  t.strictSame(sent, [1, 2, 10, 11, 12])
  t.strictSame(leftOut, [], 'nothing was lost but what was out of date')
})

t.test('H-11 the last report goes out before the response, however soon that comes', async t => {
  const { pacer, sent } = paced(t)
  for (let i = 1; i <= 10; i++) pacer.say(progress(i))
  pacer.flush()
  t.strictSame(sent, [1, 2, 10])
  mock.timers.tick(5000)
  t.strictSame(sent, [1, 2, 10], 'once')
})

t.test('H-11 what waits for a request that is over does not go out', async t => {
  const { pacer, sent } = paced(t)
  for (let i = 1; i <= 3; i++) pacer.say(progress(i))
  pacer.stop()
  mock.timers.tick(5000)
  t.strictSame(sent, [1, 2])
})

t.test('A-59 H-11 reports of one token never overtake each other; each token has its newest', async t => {
  const { pacer, sent } = paced(t)
  for (let i = 1; i <= 3; i++) for (const token of ['a', 'b', 7]) pacer.say(progress(i, token))
  t.strictSame(sent, [1, 1])
  mock.timers.tick(1000)
  t.strictSame(sent, [1, 1, 3, 3], 'two of three in the next window')
  pacer.say(progress(4, 'a'))
  mock.timers.tick(1000)
  t.strictSame(sent, [1, 1, 3, 3, 3, 4])
})

t.test('H-11 tokens without end cost bounded memory', async t => {
  const { pacer, sent, leftOut } = paced(t)
  for (let i = 0; i < 1000; i++) pacer.say(progress(i, i))
  pacer.flush()
  t.equal(sent.length, 2 + 64)
  t.strictSame(leftOut, ['notifications/progress'])
})

t.test('H-11 log messages beyond the limit are left out, and that is told once', async t => {
  const { pacer, sent, leftOut } = paced(t)
  for (let i = 1; i <= 5; i++) pacer.say(log(`line ${i}`))
  t.strictSame(sent, ['line 1', 'line 2'])
  mock.timers.tick(1000)
  for (let i = 6; i <= 9; i++) pacer.say(log(`line ${i}`))
  t.strictSame(sent, ['line 1', 'line 2', 'line 6', 'line 7'])
  t.strictSame(leftOut, ['notifications/message'])
})

t.test('H-11 chatter does not push out errors, and errors are limited too', async t => {
  const { pacer, sent } = paced(t)
  for (let i = 0; i < 5; i++) pacer.say(log('chatter', ['debug', 'info', 'notice', 'warning', 'no level'][i]))
  for (const level of ['error', 'emergency', 'alert']) pacer.say(log(level, level))
  t.strictSame(sent, ['chatter', 'chatter', 'error', 'emergency'])
})

t.test('each part can be off', async t => {
  const { pacer, sent } = paced(t, { progress: null, log: RULE })
  for (let i = 1; i <= 5; i++) pacer.say(progress(i))
  for (let i = 1; i <= 5; i++) pacer.say(log('line'))
  t.strictSame(sent, [1, 2, 3, 4, 5, 'line', 'line'])
  const other = new Pacer({ progress: RULE, log: null }, { send: async ({ method }) => { sent.push(method) }, leftOut: () => t.fail('nothing'), onError: error => t.error(error) })
  sent.length = 0
  for (let i = 1; i <= 3; i++) other.say(log('line'))
  t.equal(sent.length, 3)
})
