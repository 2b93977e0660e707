import t from 'tap'
import { checkBurst, EventCounter, messagesIn } from '../../src/load/burst-events.ts'

const progress = (number: number) => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: number } })
const result = JSON.stringify({ jsonrpc: '2.0', id: 7, result: { content: [{ type: 'text', text: '3 events' }] } })
const numbers = { first: 1, last: 3 }

t.test('events with a message are counted, others are not', async t => {
  const text = `:\n\nid: s_0\nretry: 1000\ndata:\n\nid: s_1\ndata: ${progress(1)}\n\ndata: ${result}\n\n`
  for (const size of [1, 2, 7, 8, text.length]) {
    const events = new EventCounter()
    for (let at = 0; at < text.length; at += size) events.add(text.slice(at, at + size))
    t.equal(events.count, 2, `in pieces of ${size} characters`)
  }
  t.same(messagesIn(text), [progress(1), result])
})

t.test('a complete burst passes, also from its middle on', async t => {
  t.doesNotThrow(() => checkBurst([progress(1), progress(2), progress(3), result], numbers, 7))
  t.doesNotThrow(() => checkBurst([progress(2), progress(3), result], { first: 2, last: 3 }, 7))
})

t.test('a burst with a gap, a double, a swap or another result is refused', async t => {
  const wrong: ReadonlyArray<readonly string[]> = [
    [progress(1), progress(3), result],
    [progress(1), progress(1), progress(2), progress(3), result],
    [progress(2), progress(1), progress(3), result],
    [progress(1), progress(2), progress(3)]
  ]
  for (const messages of wrong) t.throws(() => checkBurst(messages, numbers, 7), /missing or out of order/)
  t.throws(() => checkBurst([progress(1), progress(2), progress(3), result], numbers, 8), /missing or out of order/)
})
