import t from 'tap'
import { Gate } from '../src/gate.ts'

const UNAVAILABLE = 'MCP_STORAGE_UNAVAILABLE'

t.test('calls wait for the gate and start in their order, before later ones', async t => {
  const gate = new Gate(10_000)
  const started: number[] = []
  const call = (number: number) => gate.pass(async () => { started.push(number) })
  const waiting = [call(1), call(2)]
  t.same(started, [])
  gate.open()
  const later = call(3)
  t.same(started, [1, 2, 3])
  await Promise.all([...waiting, later])
  gate.close('done')
})

t.test('after the grace, calls are refused: those that wait and those that come', async t => {
  const gate = new Gate(20)
  gate.open()
  gate.shut('lost it')
  await t.rejects(gate.pass(async () => 1), { code: UNAVAILABLE, message: /lost it/ })
  await t.rejects(gate.pass(async () => 1), { code: UNAVAILABLE, message: /lost it/ })
  gate.open()
  t.equal(await gate.pass(async () => 1), 1)
  gate.close('done')
})

t.test('no more than 10,000 calls wait', async t => {
  const gate = new Gate(10_000)
  const waiting = Array.from({ length: 10_000 }, () => gate.pass(async () => 1))
  await t.rejects(gate.pass(async () => 1), { code: UNAVAILABLE, message: /too many calls/ })
  gate.open()
  t.equal((await Promise.all(waiting)).length, 10_000)
  gate.close('done')
})

t.test('a closed gate refuses for good', async t => {
  const gate = new Gate(10_000)
  const waiting = gate.pass(async () => 1)
  gate.close('closed')
  await t.rejects(waiting, { code: UNAVAILABLE, message: /closed/ })
  await t.rejects(gate.pass(async () => 1), { code: UNAVAILABLE, message: /closed/ })
})
