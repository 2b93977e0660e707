import t from 'tap'
import { WireLog } from '../../src/wire/wire-log.ts'

t.test('what comes in one frame is shown once, in order, and the oldest makes room', async t => {
  const frames: Array<() => void> = []
  const log = new WireLog(show => { frames.push(show) })
  for (let n = 1; n <= 1_000; n++) log.add({ request: 1, kind: n % 2 === 0 ? 'event' : 'comment', text: String(n) })
  t.equal(frames.length, 1)
  t.strictSame(log.entries.value, [])
  frames[0]?.()
  t.equal(log.entries.value.length, 400)
  t.equal(log.entries.value[0]?.text, '601')
  t.strictSame(log.counts.value, { events: 500, comments: 500 })
  log.add({ request: 1, kind: 'event', text: 'next' })
  t.equal(frames.length, 2)
  log.clear()
  frames[1]?.()
  t.strictSame(log.entries.value, [], 'what was waiting is cleared, too')
  t.strictSame(log.counts.value, { events: 0, comments: 0 })
})
