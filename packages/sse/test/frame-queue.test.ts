import t from 'tap'
import { FrameQueue, SLICE_CHARACTERS } from '../src/frame-queue.ts'

function drained (queue: FrameQueue): string[] {
  const slices: string[] = []
  while (!queue.empty) slices.push(queue.take())
  return slices
}

t.test('small frames are joined, large ones cut, and nothing is lost or moved', async t => {
  const many = Array.from({ length: 5_000 }, () => 110)
  for (const sizes of [[1], [10, 20, 30], [SLICE_CHARACTERS], [SLICE_CHARACTERS + 1], [5, 3 * SLICE_CHARACTERS, 7], many]) {
    const queue = new FrameQueue()
    const frames = sizes.map((size, index) => String.fromCharCode(97 + index % 26).repeat(size))
    for (const frame of frames) queue.add(frame)
    t.equal(queue.characters, frames.join('').length)
    const slices = drained(queue)
    t.equal(slices.join(''), frames.join(''))
    t.ok(slices.every(slice => slice.length <= SLICE_CHARACTERS + 1 && slice.length > 0), `${sizes.length} frames`)
    t.equal(slices.length, Math.ceil(frames.join('').length / SLICE_CHARACTERS))
    t.equal(queue.characters, 0)
  }
})

t.test('no slice ends within a character', async t => {
  const queue = new FrameQueue()
  queue.add('x' + '😀'.repeat(SLICE_CHARACTERS))
  queue.add('😀'.repeat(SLICE_CHARACTERS))
  const slices = drained(queue)
  for (const slice of slices) t.notMatch(slice, /[\uD800-\uDBFF]$/)
  t.equal(slices.join(''), 'x' + '😀'.repeat(2 * SLICE_CHARACTERS))
})

t.test('what is added while it is taken comes last; an empty queue holds nothing', async t => {
  const queue = new FrameQueue()
  queue.add('a'.repeat(SLICE_CHARACTERS + 3))
  queue.take()
  queue.add('b')
  queue.add('')
  t.equal(queue.take(), 'aaab')
  queue.add('c')
  queue.clear()
  t.ok(queue.empty)
  t.equal(queue.take(), '')
})
