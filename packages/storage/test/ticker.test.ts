import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { Ticker, ticker } from '../src/index.ts'
import type { TickerClock } from '../src/index.ts'

/** A clock that stands still until told; it counts the timers that are armed. */
class ManualClock implements TickerClock {
  time = 0
  readonly armed = new Map<object, { at: number, wake: () => void }>()

  now (): number {
    return this.time
  }

  wakeAfter (delayMs: number, wake: () => void): () => void {
    const key = {}
    this.armed.set(key, { at: this.time + delayMs, wake })
    return () => this.armed.delete(key)
  }

  get nearest (): number | undefined {
    return this.armed.size === 0 ? undefined : Math.min(...[...this.armed.values()].map(({ at }) => at))
  }

  /** Time passes; what falls due runs at its moment. */
  advance (ms: number): void {
    const until = this.time + ms
    for (;;) {
      const [due] = [...this.armed].filter(([, { at }]) => at <= until).toSorted(([, one], [, other]) => one.at - other.at)
      if (due === undefined) break
      const [key, { at, wake }] = due
      this.armed.delete(key)
      this.time = at
      wake()
    }
    this.time = until
  }
}

t.test('tasks run every interval, all on one timer aimed at the nearest', async t => {
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  const runs: string[] = []
  t.equal(clock.armed.size, 0)
  ticker.every(1000, () => { runs.push(`slow ${clock.time}`) })
  t.equal(clock.nearest, 1000)
  ticker.every(300, () => { runs.push(`fast ${clock.time}`) })
  t.equal(clock.nearest, 300)
  clock.advance(100)
  ticker.every(300, () => { runs.push(`later ${clock.time}`) })
  t.equal(clock.nearest, 300)
  for (let index = 0; index < 1000; index++) ticker.every(5000 + index % 3, () => {})
  t.equal(clock.armed.size, 1)
  clock.advance(900)
  t.same(runs, ['fast 300', 'later 400', 'fast 600', 'later 700', 'fast 900', 'slow 1000', 'later 1000'])
  t.equal(clock.armed.size, 1)
})

t.test('nothing is armed without tasks', async t => {
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  let runs = 0
  const stops = [100, 100, 50].map(interval => ticker.every(interval, () => { runs++ }))
  for (const stop of stops) {
    stop()
    stop()
  }
  t.equal(clock.armed.size, 0)
  clock.advance(1000)
  t.equal(runs, 0)
  ticker.every(10, () => { runs++ })
  t.equal(clock.armed.size, 1)
  clock.advance(10)
  t.equal(runs, 1)
})

t.test('tasks may stop themselves, stop others and add tasks while they run', async t => {
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  const runs: string[] = []
  const stopFirst = ticker.every(10, () => {
    runs.push('first')
    stopFirst()
    stopSecond()
    ticker.every(5, () => { runs.push(`added ${clock.time}`) })
  })
  const stopSecond = ticker.every(10, () => { runs.push('second') })
  ticker.every(10, () => { runs.push(`third ${clock.time}`) })
  clock.advance(20)
  t.same(runs, ['first', 'third 10', 'added 15', 'third 20', 'added 20'])
  t.equal(clock.armed.size, 1)
})

t.test('the last task stops itself', async t => {
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  const stop = ticker.every(10, () => stop())
  clock.advance(10)
  t.equal(clock.armed.size, 0)
})

t.test('a late run is not made up for, and a timer that fires early runs nothing', async t => {
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  let runs = 0
  ticker.every(10, () => { runs++ })
  const wake = () => {
    const [[key, { wake }] = [{}, { wake: () => t.fail('nothing armed') }]] = clock.armed
    clock.armed.delete(key)
    wake()
  }
  clock.time = 9
  wake()
  t.equal(runs, 0)
  t.equal(clock.nearest, 10)
  clock.time = 55
  wake()
  t.equal(runs, 1)
  t.equal(clock.nearest, 65)
})

t.test('a task that throws or rejects is reported and kills no other', async t => {
  const clock = new ManualClock()
  const errors: unknown[] = []
  const own: unknown[] = []
  const ticker = new Ticker({ clock, onError: error => errors.push(error) })
  let runs = 0
  ticker.every(10, () => { throw new Error('thrown') })
  ticker.every(10, async () => { throw new Error('rejected') })
  ticker.every(10, () => { throw new Error('own') }, error => { own.push(error) })
  ticker.every(10, () => { runs++ })
  clock.advance(20)
  await Promise.resolve()
  t.match(errors, [{ message: 'thrown' }, { message: 'thrown' }, { message: 'rejected' }, { message: 'rejected' }])
  t.match(own, [{ message: 'own' }, { message: 'own' }])
  t.equal(runs, 2)
})

t.test('without a handler, or when it fails, an error becomes a process warning', async t => {
  const warnings = t.capture(process, 'emitWarning', () => {})
  const clock = new ManualClock()
  const ticker = new Ticker({ clock })
  const handlerFailed = () => { throw new TypeError('handler') }
  ticker.every(10, () => { throw new Error('task') })
  ticker.every(10, () => { throw new Error('lost') }, handlerFailed)
  clock.advance(10)
  t.match(warnings().map(({ args }) => args), [[{ message: 'task' }], [{ message: 'handler' }]])
  t.equal(clock.armed.size, 1)
})

t.test('a bad interval is refused', async t => {
  for (const interval of [0, -1, NaN, Infinity]) {
    t.throws(() => ticker.every(interval, () => {}), { name: 'RangeError', message: /positive number of milliseconds/ })
  }
})

t.test('an interval longer than a timer can be is reached in hops', async t => {
  const clock = new ManualClock()
  let runs = 0
  new Ticker({ clock }).every(2 ** 32, () => { runs++ })
  t.equal(clock.nearest, 2 ** 31 - 1)
  clock.advance(2 ** 32 - 1)
  t.equal(runs, 0)
  clock.advance(1)
  t.equal(runs, 1)
})

t.test('the ticker of the process runs on real time and does not keep the process alive', async t => {
  let runs = 0
  await new Promise<void>(resolve => {
    const stayAlive = setInterval(() => {}, 1000)
    const stop = ticker.every(5, () => {
      if (++runs < 3) return
      stop()
      clearInterval(stayAlive)
      resolve()
    })
  })
  t.equal(runs, 3)
  const source = `import { ticker } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}; ticker.every(60_000, () => {}); console.log('armed')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=mcp-source', '--import=tsx', '--input-type=module', '-e', source],
    { timeout: 30_000, cwd: new URL('..', import.meta.url) })
  t.equal(stdout.trim(), 'armed')
})
