import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { Turnstile } from './turnstile.ts'

t.test('so many are inside at a time, in the order they came; who wants to be alone is', async t => {
  const turnstile = await Turnstile.start(2, new Set(['alone']))
  t.teardown(() => turnstile.close())
  const inside: string[] = []
  const come = async (name: string) => {
    const socket = connect(turnstile.port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    socket.write(`${name}\n`)
    const entered = once(socket, 'data').then(() => { inside.push(name) })
    return { entered, leave: () => socket.destroy() }
  }
  const [a, b] = [await come('a'), await come('b')]
  await Promise.all([a.entered, b.entered])
  const alone = await come('alone')
  a.leave()
  const late = await come('late')
  b.leave()
  await alone.entered
  t.strictSame(inside.slice(2), ['alone'], 'nor did anybody overtake while there was a place')
  alone.leave()
  await late.entered
  t.strictSame(inside.slice(2), ['alone', 'late'])
})
