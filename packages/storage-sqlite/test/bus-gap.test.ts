/** A process that was stopped for longer than messages are kept is told that it missed some. */
import { join } from 'node:path'
import { mock } from 'node:test'
import { Ticker } from '@mcp/storage'
import t, { type Test } from 'tap'
import { sqliteStorage } from '../src/index.ts'
import { loadDriver } from '../src/driver.ts'
import type { Storage } from '@mcp/storage'

/** Two storages on one folder, as two processes have them, and the time. */
function two (t: Test): { one: Storage, other: Storage, stopFor (ms: number): void, sweep (): void } {
  let now = Date.now()
  t.capture(Date, 'now', () => now)
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const path = t.testdir()
  let sweep = (): void => {}
  const clock = {
    now: () => now,
    wakeAfter (_delayMs: number, wake: () => void) {
      sweep = wake
      return () => {}
    }
  }
  const storages = [sqliteStorage({ path, ticker: new Ticker({ clock }) }), sqliteStorage({ path, ticker: new Ticker() })] as const
  t.teardown(() => Promise.all(storages.map(storage => storage.close())))
  return { one: storages[0], other: storages[1], stopFor: ms => { now += ms }, sweep: () => sweep() }
}

/** Message 2 is added and trimmed, and message 3 is added, before any process can read: as if the reader had been stopped. */
function addWhileStopped (path: string): void {
  const { DatabaseSync } = loadDriver()
  const raw = new DatabaseSync(join(path, 'data.sqlite'))
  const add = (message: string): void => raw.exec(`INSERT INTO bus VALUES (NULL, ${Date.now()}, 'stopped', 'c', '${message}')`)
  add('2')
  raw.exec('DELETE FROM bus')
  add('3')
  raw.close()
}

function look (): void {
  mock.timers.tick(200)
}

async function listening (storage: Storage): Promise<string[]> {
  const heard: string[] = []
  await storage.bus.subscribe('c', message => heard.push(message))
  storage.bus.onGap?.(() => { throw new Error('thrown on purpose, by a listener of the test') })
  storage.bus.onGap?.(() => heard.push('(a gap)'))
  return heard
}

t.test('messages that were trimmed before they were heard make a gap, once', async t => {
  const { one, other } = two(t)
  const heard = await listening(one)
  await other.bus.publish('c', '1')
  look()
  addWhileStopped(t.testdirName)
  look()
  await other.bus.publish('c', '4')
  look()
  t.strictSame(heard, ['1', '3', '(a gap)', '4'])
})

t.test('a process that others took for gone has missed what they did not write', async t => {
  const { one, other, stopFor, sweep } = two(t)
  const heard = await listening(one)
  stopFor(600_000)
  // A process that opens the file removes the entries of silent processes.
  const third = sqliteStorage({ path: t.testdirName, ticker: new Ticker() })
  await third.close()
  await other.bus.publish('c', 'not written')
  sweep()
  await t.resolves(new Promise(resolve => { one.bus.onGap?.(() => resolve(null)) }))
  await other.bus.publish('c', 'written')
  look()
  t.strictSame(heard, ['(a gap)', 'written'])
})

t.test('a gap is not reported to a listener that has left', async t => {
  const { one, other } = two(t)
  const heard: string[] = []
  await one.bus.subscribe('c', () => {})
  const leave = one.bus.onGap?.(() => heard.push('(a gap)'))
  leave?.()
  leave?.()
  await other.bus.publish('c', '1')
  addWhileStopped(t.testdirName)
  look()
  t.strictSame(heard, [])
})
