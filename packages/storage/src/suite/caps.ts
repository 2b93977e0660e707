import { PLENTY, sessionRecord } from './cases.ts'
import type { SessionCaps } from '../contract.ts'
import type { Cases, Nodes } from './cases.ts'

/** Ten sessions at once, by turns on both nodes; the outcomes that were not `created`. */
async function refusedOfTen ({ storage, peer }: Nodes, principalKey: string, caps: SessionCaps): Promise<string[]> {
  const outcomes = await Promise.all(Array.from({ length: 10 }, (_, index) => {
    const { sessions } = index % 2 === 0 ? storage : peer
    return sessions.create(sessionRecord(`${principalKey}${index}`, { principalKey }), caps)
  }))
  return outcomes.filter(outcome => outcome !== 'created')
}

export async function capsSuite (check: Cases): Promise<void> {
  await check('the total cap holds for sessions created at once on two nodes', async (t, nodes) => {
    const refused = await refusedOfTen(nodes, '', { total: 4, perPrincipal: 1 })
    t.same(refused, Array(6).fill('total-reached'))
    t.equal(await nodes.storage.sessions.count(), 4)
  })

  await check('the cap per principal holds for sessions created at once on two nodes', async (t, nodes) => {
    const refused = await refusedOfTen(nodes, 'ann', { total: 100, perPrincipal: 3 })
    t.same(refused, Array(7).fill('principal-reached'))
    t.equal(await nodes.peer.sessions.count(), 3)
  })

  await check('one principal at its cap does not stop another', async (t, { storage: { sessions } }) => {
    const caps = { total: 100, perPrincipal: 1 }
    t.equal(await sessions.create(sessionRecord('1', { principalKey: 'ann' }), caps), 'created')
    t.equal(await sessions.create(sessionRecord('2', { principalKey: 'ann' }), caps), 'principal-reached')
    t.equal(await sessions.create(sessionRecord('3', { principalKey: 'bob' }), caps), 'created')
    t.equal(await sessions.read('2'), undefined)
    t.equal(await sessions.create(sessionRecord('4', { principalKey: 'cy' }), { total: 2, perPrincipal: 1 }), 'total-reached')
  })

  await check('anonymous callers share the total cap alone', async (t, { storage: { sessions } }) => {
    const caps = { total: 3, perPrincipal: 1 }
    for (const id of ['1', '2', '3']) t.equal(await sessions.create(sessionRecord(id), caps), 'created')
    t.equal(await sessions.create(sessionRecord('4'), caps), 'total-reached')
  })

  await check('anonymous sessions count for the owner they name, until they are deleted', async (t, { storage, peer }) => {
    const caps = { total: 100, perPrincipal: 1 }
    const record = (id: string, owner: string) => sessionRecord(id, { owner })
    t.equal(await storage.sessions.create(record('1', 'from a'), caps), 'created')
    t.equal(await peer.sessions.create(record('2', 'from a'), caps), 'principal-reached')
    t.equal(await peer.sessions.create(record('3', 'from b'), caps), 'created')
    const read = await peer.sessions.read('1')
    t.equal(read?.owner, 'from a')
    t.equal(read?.principalKey, '')
    await peer.sessions.touch('1', Date.now() + 700_000)
    await peer.sessions.delete('1')
    t.equal(await storage.sessions.create(record('4', 'from a'), caps), 'created')
  })

  await check('deleting a session makes room', async (t, { storage, peer }) => {
    const caps = { total: 1, perPrincipal: 1 }
    await storage.sessions.create(sessionRecord('1', { principalKey: 'ann' }), caps)
    await peer.sessions.delete('1')
    t.equal(await storage.sessions.create(sessionRecord('2', { principalKey: 'ann' }), caps), 'created')
  })

  for (const caps of [{ total: 1, perPrincipal: 10 }, { total: 10, perPrincipal: 1 }]) {
    await check(`an expired session makes room (total ${caps.total}, per principal ${caps.perPrincipal})`, async (t, { storage, until }) => {
      const { sessions } = storage
      await sessions.create(sessionRecord('1', { principalKey: 'ann' }), PLENTY)
      await sessions.touch('1', Date.now() + 30)
      const second = sessionRecord('2', { principalKey: 'ann' })
      t.ok(await until(async () => await sessions.create(second, caps) === 'created'))
      t.equal(await sessions.count(), 1)
    })
  }
}
