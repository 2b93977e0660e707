import t from 'tap'
import { Queue } from '../src/queue.ts'

t.test('first in, first out, by index', async t => {
  const queue = new Queue<number>()
  let [next, oldest] = [0, 0]
  for (let round = 0; round < 200; round++) {
    for (let index = 0; index < round % 7; index++) queue.push(next++)
    for (let index = 0; index < round % 5 && queue.length > 0; index++) {
      if (queue.shift() !== oldest++) t.fail(`out of order at ${oldest}`)
    }
    if (queue.length !== next - oldest) t.fail(`length after round ${round}`)
    if (queue.length > 0 && (queue.at(0) !== oldest || queue.at(queue.length - 1) !== next - 1)) t.fail(`ends after round ${round}`)
  }
  t.ok(next > 500)
})

t.test('there is nothing outside', async t => {
  const queue = new Queue<string>()
  t.throws(() => queue.shift(), { name: 'RangeError' })
  queue.push('a')
  queue.push('b')
  queue.shift()
  t.throws(() => queue.at(-1), { name: 'RangeError' })
  t.throws(() => queue.at(1), { name: 'RangeError' })
})
