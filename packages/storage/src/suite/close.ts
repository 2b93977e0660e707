import { PLENTY, sessionRecord } from './cases.ts'
import { OWNER } from './events.ts'
import type { Cases } from './cases.ts'

export async function closeSuite (check: Cases): Promise<void> {
  await check('a storage can be closed twice', async (t, { storage }) => {
    t.equal(typeof storage.name, 'string')
    await storage.sessions.create(sessionRecord('1'), PLENTY)
    await storage.bus.subscribe('c', () => {})
    await storage.close()
    await storage.close()
  })

  await check('one node closes and the other goes on', async (t, { storage, peer, hasPeer, until }) => {
    if (!hasPeer) return
    const heard: string[] = []
    await storage.bus.subscribe('c', () => heard.push('closed'))
    await peer.bus.subscribe('c', () => heard.push('open'))
    await storage.sessions.create(sessionRecord('1'), PLENTY)
    await storage.events.open('1', 'st', OWNER)
    await storage.events.append('1', 'st', ['1'], false)
    await storage.close()
    await peer.bus.publish('c', 'm')
    t.ok(await until(() => heard.length > 0))
    t.same(heard, ['open'])
    t.equal((await peer.sessions.read('1'))?.id, '1')
    t.equal(await peer.events.append('1', 'st', ['2'], true), 2)
  })
}
