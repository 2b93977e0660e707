import type { Cases } from './cases.ts'

export async function busSuite (check: Cases): Promise<void> {
  await check('a message reaches every subscriber, the publishing node\'s too', async (t, { storage, peer, until }) => {
    const heard: string[] = []
    await storage.bus.subscribe('c', message => heard.push(`one ${message}`))
    await storage.bus.subscribe('c', message => heard.push(`two ${message}`))
    await peer.bus.subscribe('c', message => heard.push(`three ${message}`))
    await storage.bus.publish('c', 'm\u2028ü')
    t.ok(await until(() => heard.length >= 3))
    t.same(heard.toSorted(), ['one m\u2028ü', 'three m\u2028ü', 'two m\u2028ü'])
  })

  await check('a message reaches other nodes as soon as subscribe has answered', async (t, { storage, peer, until }) => {
    const heard: string[] = []
    await storage.bus.subscribe('c', message => heard.push(message))
    await peer.bus.publish('c', 'at once')
    t.ok(await until(() => heard.length > 0))
    t.same(heard, ['at once'])
  })

  await check('messages come once and in order', async (t, { storage, peer, until }) => {
    const sent = Array.from({ length: 200 }, (_, index) => String(index))
    const heard: string[] = []
    const heardByPeer: string[] = []
    await storage.bus.subscribe('c', message => heard.push(message))
    await peer.bus.subscribe('c', message => heardByPeer.push(message))
    await Promise.all(sent.map(message => peer.bus.publish('c', message)))
    t.ok(await until(() => heard.length >= 200 && heardByPeer.length >= 200))
    t.same(heard, sent)
    t.same(heardByPeer, sent)
  })

  await check('where the bus can tell, it says whether anybody was there to hear', async (t, { storage, peer, until }) => {
    const somebody = (answer: number | void): boolean => typeof answer !== 'number' || answer > 0
    const nobody = (answer: number | void): boolean => typeof answer !== 'number' || answer === 0
    const heard: string[] = []
    t.ok(nobody(await peer.bus.publish('c', 'too early')))
    // A bus over several machines may deliver a moment later what was published before.
    const leave = await storage.bus.subscribe('c', message => { if (message !== 'too early') heard.push(message) })
    t.ok(somebody(await peer.bus.publish('c', 'm')))
    t.ok(somebody(await storage.bus.publish('c', 'm')))
    t.ok(await until(() => heard.length >= 2))
    await leave()
    t.ok(nobody(await peer.bus.publish('c', 'too late')))
    t.same(heard, ['m', 'm'])
  })

  await check('what a listener publishes comes after what it heard, for everybody', async (t, { storage, until }) => {
    const heard: string[] = []
    const publishing: unknown[] = []
    await storage.bus.subscribe('c', message => { if (message === 'first') publishing.push(storage.bus.publish('c', 'second')) })
    await storage.bus.subscribe('c', message => heard.push(message))
    await storage.bus.publish('c', 'first')
    t.ok(await until(() => heard.length >= 2))
    await Promise.all(publishing)
    t.same(heard, ['first', 'second'])
  })

  await check('nothing is heard after unsubscribing', async (t, { storage, peer, until }) => {
    const left: string[] = []
    const stayed: string[] = []
    const leave = await storage.bus.subscribe('c', message => left.push(message))
    await storage.bus.subscribe('c', message => stayed.push(message))
    await leave()
    await leave()
    await peer.bus.publish('c', 'm')
    t.ok(await until(() => stayed.length > 0))
    t.same(left, [])
  })

  await check('one listener can subscribe twice and leave once', async (t, { storage, until }) => {
    const heard: string[] = []
    const listener = (message: string) => { heard.push(message) }
    const leave = await storage.bus.subscribe('c', listener)
    await storage.bus.subscribe('c', listener)
    await leave()
    await storage.bus.publish('c', 'm')
    t.ok(await until(() => heard.length > 0))
    t.same(heard, ['m'])
  })

  await check('a channel whose last listener left can be joined again', async (t, { storage, peer, until }) => {
    const heard: string[] = []
    const leave = await storage.bus.subscribe('c', message => heard.push(`before ${message}`))
    await leave()
    await storage.bus.subscribe('c', message => heard.push(message))
    await leave()
    await peer.bus.publish('c', 'm')
    t.ok(await until(() => heard.length > 0))
    t.same(heard, ['m'])
  })

  await check('channels are isolated, and one without subscribers is harmless', async (t, { storage, peer, until }) => {
    const heard: string[] = []
    await storage.bus.subscribe('c', message => heard.push(`c ${message}`))
    await storage.bus.subscribe('c:d', message => heard.push(`c:d ${message}`))
    for (const channel of ['nobody', 'c*', 'c', 'c:d']) await peer.bus.publish(channel, 'm')
    t.ok(await until(() => heard.length >= 2))
    t.same(heard.toSorted(), ['c m', 'c:d m'])
  })

  await check('a listener that throws harms neither the others nor the publisher', async (t, { storage, until }) => {
    const heard: string[] = []
    await storage.bus.subscribe('c', () => { throw new Error('thrown on purpose, by a listener of the suite') })
    await storage.bus.subscribe('c', message => heard.push(message))
    await storage.bus.publish('c', '1')
    await storage.bus.publish('c', '2')
    t.ok(await until(() => heard.length >= 2))
    t.same(heard, ['1', '2'])
  })
}
