import { mock } from 'node:test'
import t from 'tap'
import { IdleSet } from '../src/idle-set.ts'

t.test('gives up the oldest when there are too many', async t => {
  const evicted: string[] = []
  const idle = new IdleSet<string>({ idleMs: Infinity, max: 2 }, item => evicted.push(item))
  for (const item of ['a', 'b', 'a', 'c']) idle.add(item)
  t.strictSame(evicted, ['b'], 'adding again makes it the youngest')
  idle.delete('a')
  idle.add('d')
  t.strictSame(evicted, ['b'])
  t.ok(idle.evictOldest())
  t.strictSame(evicted, ['b', 'c'])
  idle.clear()
  t.notOk(idle.evictOldest())
})

t.test('gives up what is idle for too long', async t => {
  // Timers and the clock they are measured against move together.
  let now = 0
  const started = performance.now
  performance.now = () => now
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => {
    mock.timers.reset()
    performance.now = started
  })
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i++) {
      now++
      mock.timers.tick(1)
    }
  }
  const evicted: string[] = []
  const idle = new IdleSet<string>({ idleMs: 100, max: Infinity }, item => evicted.push(item))
  idle.add('a')
  pass(60)
  idle.add('b')
  idle.add('c')
  pass(60)
  t.strictSame(evicted, ['a'])
  idle.add('c')
  pass(60)
  t.strictSame(evicted, ['a', 'b'])
  idle.clear()
  pass(200)
  t.strictSame(evicted, ['a', 'b'])
})
