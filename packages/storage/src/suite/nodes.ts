import type { Cases } from './cases.ts'

export async function nodesSuite (check: Cases): Promise<void> {
  await check('a node that beats is alive for every node', async (t, { storage, peer }) => {
    await storage.nodes.beat('a', 60_000)
    t.equal(await storage.nodes.alive('a'), true)
    t.equal(await peer.nodes.alive('a'), true)
    t.equal(await peer.nodes.alive('b'), false, 'a node that never beat is not')
  })

  await check('a node that no longer beats is dead after its time', async (t, { storage, peer, until }) => {
    await storage.nodes.beat('a', 300)
    await storage.nodes.beat('b', 60_000)
    t.ok(await until(async () => !await peer.nodes.alive('a')))
    t.equal(await peer.nodes.alive('b'), true)
  })

  await check('a later beat holds longer', async (t, { storage, peer, until }) => {
    await storage.nodes.beat('a', 200)
    await storage.nodes.beat('a', 60_000)
    await storage.nodes.beat('b', 300)
    t.ok(await until(async () => !await peer.nodes.alive('b')))
    t.equal(await peer.nodes.alive('a'), true)
  })

  await check('a node that leaves is not alive at once, and can come back', async (t, { storage, peer }) => {
    await storage.nodes.beat('a', 60_000)
    await storage.nodes.leave('a')
    await storage.nodes.leave('never there')
    t.equal(await peer.nodes.alive('a'), false)
    await storage.nodes.beat('a', 60_000)
    t.equal(await peer.nodes.alive('a'), true)
  })
}
