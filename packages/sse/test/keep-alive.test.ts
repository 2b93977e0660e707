import { Ticker, type TickerClock } from '@mcp/storage'
import t from 'tap'
import { KEEP_ALIVE, KeepAlive, messageFrame } from '../src/index.ts'
import { Sink } from './helper.ts'

/** A clock that moves when it is told to. */
class ManualClock implements TickerClock {
  time = 0
  #due: { at: number, wake: () => void } | null = null

  get armed (): boolean {
    return this.#due !== null
  }

  now (): number {
    return this.time
  }

  wakeAfter (delayMs: number, wake: () => void): () => void {
    this.#due = { at: this.time + delayMs, wake }
    return () => { this.#due = null }
  }

  pass (ms: number): void {
    const end = this.time + ms
    while (this.#due !== null && this.#due.at <= end) {
      const { at, wake } = this.#due
      this.time = at
      this.#due = null
      wake()
    }
    this.time = end
  }
}

function keepAlive (intervalMs: number) {
  const clock = new ManualClock()
  return { clock, alive: new KeepAlive(intervalMs, new Ticker({ clock })) }
}

const INTERVAL = 15_000
const STEP = 250

t.test('C-3: no silence is longer than the interval, whenever the last event was', async t => {
  let longest = 0
  for (let offset = 0; offset < INTERVAL; offset += STEP) {
    const { clock, alive } = keepAlive(INTERVAL)
    const sink = new Sink()
    alive.add(sink.connection)
    clock.pass(offset)
    sink.connection.write(messageFrame('1'))
    let [length, spokeAt] = [sink.text.length, clock.time]
    for (let passed = 0; passed < 4 * INTERVAL; passed += STEP) {
      clock.pass(STEP)
      if (sink.text.length === length) continue
      longest = Math.max(longest, clock.time - spokeAt)
      length = sink.text.length
      spokeAt = clock.time
    }
  }
  t.ok(longest > 0 && longest <= INTERVAL, `${longest} ms at most`)
})

t.test('C-3: a stream that speaks gets no comments', async t => {
  const { clock, alive } = keepAlive(INTERVAL)
  const sink = new Sink()
  alive.add(sink.connection)
  for (let n = 0; n < 60; n++) {
    clock.pass(1000)
    sink.connection.write(messageFrame(String(n)))
  }
  t.equal(sink.text.split(KEEP_ALIVE).length, 2, 'only the first one')
})

t.test('one timer for all connections, and none without', async t => {
  const { clock, alive } = keepAlive(INTERVAL)
  t.notOk(clock.armed)
  const [one, other] = [new Sink(), new Sink()]
  alive.add(one.connection)
  alive.add(other.connection)
  t.ok(clock.armed)
  t.same(alive.connections(), [one.connection, other.connection])
  alive.delete(one.connection)
  t.ok(clock.armed)
  alive.delete(other.connection)
  t.notOk(clock.armed)
  alive.delete(other.connection)
  t.same(alive.connections(), [])
})

t.test('C-6: a full buffer gets no comments, and too long a stall ends the stream', async t => {
  const { clock, alive } = keepAlive(INTERVAL)
  const sink = new Sink(1024)
  alive.add(sink.connection)
  sink.stall()
  sink.connection.write(messageFrame('x'.repeat(4096)))
  t.ok(sink.connection.full)
  const unsent = sink.connection.unsent
  clock.pass(INTERVAL)
  t.equal(sink.connection.unsent, unsent)
  t.ok(sink.connection.open)
  clock.pass(INTERVAL)
  t.notOk(sink.connection.open)
})
