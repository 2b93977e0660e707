import t from 'tap'
import { storageSuite } from '@mcp/storage/suite'
import { sqliteStorage } from '../src/index.ts'
import { Peer } from './helper/peer.ts'

const peer = new Peer()
t.teardown(() => peer.stop())

await storageSuite(t, {
  name: 'sqlite, in two processes',
  async create (events, budget) {
    const path = t.testdir()
    const storage = sqliteStorage({ path, events, budget })
    const other = await peer.open({ path, events, budget })
    return {
      storage,
      peer: other,
      async close () {
        await storage.close()
        await other.close()
      }
    }
  }
})

t.test('a message reaches a listener in another process soon', async t => {
  const path = t.testdir()
  const storage = sqliteStorage({ path })
  const other = await peer.open({ path })
  t.teardown(async () => {
    await storage.close()
    await other.close()
  })
  const delays: number[] = []
  let wake = () => {}
  await storage.bus.subscribe('c', sent => {
    delays.push(performance.timeOrigin + performance.now() - Number(sent))
    wake()
  })
  for (let round = 0; round < 30; round++) {
    const heard = new Promise<void>(resolve => { wake = resolve })
    await other.bus.publish('c', String(performance.timeOrigin + performance.now()))
    await heard
  }
  const median = delays.toSorted((one, another) => one - another)[15] ?? Infinity
  t.comment(`median ${median.toFixed(1)} ms, longest ${Math.max(...delays).toFixed(1)} ms`)
  t.ok(median < 100, 'also on a busy machine')
})
