import t from 'tap'
import { memoryStorage } from '../src/index.ts'
import { PLENTY, sessionRecord } from '../src/suite/cases.ts'

const KIB = 1024
const OWNER = { node: null, requestIds: [] }
const TEXT = 'x'.repeat(10 * KIB)

t.test('events stored before their session are charged to its owner once it is known', async t => {
  const { sessions, events, close } = memoryStorage({ budget: { bytes: 1000 * KIB, bytesPerOwner: 45 * KIB } })
  t.teardown(close)
  for (const session of ['one', 'two', 'three', 'four']) {
    await events.open(session, 'st', OWNER)
    await events.append(session, 'st', [TEXT], true)
    await sessions.create(sessionRecord(session, { owner: 'ann' }), PLENTY)
  }
  await events.open('four', 'more', OWNER)
  await events.append('four', 'more', [TEXT], true)
  t.equal(await events.read('one', 'st', 0, 1), null, 'the oldest of them went')
  t.equal((await events.read('four', 'more', 0, 1))?.events.length, 1)
})

t.test('a state that does not fit is rejected and stays as it was', async t => {
  const { sessions, close } = memoryStorage({ budget: { bytes: 1000 * KIB, bytesPerOwner: 20 * KIB } })
  t.teardown(close)
  await sessions.create(sessionRecord('s', { principalKey: 'ann', state: { kept: 1 } }), PLENTY)
  t.throws(() => sessions.patchState('s', { large: 'x'.repeat(30 * KIB) }), { code: 'MCP_STORAGE_FULL', statusCode: 503 })
  t.same((await sessions.read('s'))?.state, { kept: 1 })
  for (let round = 0; round < 20; round++) {
    await sessions.patchState('s', { large: 'x'.repeat(10 * KIB) })
    await sessions.patchState('s', { large: undefined })
  }
  t.same((await sessions.read('s'))?.state, { kept: 1 }, 'what was removed is not counted')
})

t.test('expired sessions make room', async t => {
  const { sessions, close } = memoryStorage({ budget: { bytes: 1000 * KIB, bytesPerOwner: 20 * KIB } })
  t.teardown(close)
  const state = { large: 'x'.repeat(15 * KIB) }
  await sessions.create(sessionRecord('first', { principalKey: 'ann', state, expiresAt: Date.now() + 5 }), PLENTY)
  t.equal(await sessions.create(sessionRecord('second', { principalKey: 'ann', state }), PLENTY), 'principal-reached')
  await new Promise(resolve => setTimeout(resolve, 10))
  t.equal(await sessions.create(sessionRecord('second', { principalKey: 'ann', state }), PLENTY), 'created')
})

t.test('many small finished streams beside one that stays open take no more than the budget', async t => {
  const { sessions, events, close } = memoryStorage({ budget: { bytes: 100 * KIB, bytesPerOwner: 100 * KIB } })
  t.teardown(close)
  await sessions.create(sessionRecord('s', { principalKey: 'ann' }), PLENTY)
  await events.open('s', 'open', OWNER)
  await events.append('s', 'open', ['1'], false)
  for (let stream = 0; stream < 5_000; stream++) {
    await events.open('s', `${stream}`, OWNER)
    await events.append('s', `${stream}`, ['1'], true)
  }
  let kept = 0
  for (let stream = 0; stream < 5_000; stream++) if (await events.read('s', `${stream}`, 0, 1) !== null) kept++
  t.ok(kept > 10 && kept < 200, `${kept} are kept`)
  t.equal((await events.read('s', 'open', 0, 1))?.events.length, 1)
})
