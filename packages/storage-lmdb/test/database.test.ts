import t from 'tap'
import { openDatabase } from '../src/open-database.ts'

const A = Buffer.from('a')
const B = Buffer.from('b')
const C = Buffer.from('c')
const VALUE = Buffer.from('value')

t.test('a change that fails leaves nothing, and takes no other of its turn along', async t => {
  const db = openDatabase(t.testdir(), 'process')
  t.teardown(() => db.close())
  const settled = await Promise.allSettled([
    db.write(() => db.put(A, VALUE)),
    db.write(() => {
      db.put(B, VALUE)
      throw new Error('thrown on purpose')
    }),
    db.write(() => {
      db.put(C, VALUE)
      return db.has(A)
    })
  ])
  t.same(settled.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled'])
  t.match(settled[1], { reason: { message: 'thrown on purpose' } })
  t.match(settled[2], { value: true }, 'it sees what was changed before')
  db.refresh()
  t.same([A, B, C].map(key => db.has(key)), [true, false, true])
})

t.test('changes of one turn become visible together, at its end', async t => {
  const path = t.testdir()
  const [db, other] = [openDatabase(path, 'process'), openDatabase(path, 'process')]
  t.teardown(() => Promise.all([db.close(), other.close()]))
  const writing = [db.write(() => db.put(A, VALUE)), db.write(() => db.put(B, VALUE))]
  other.refresh()
  t.notOk(other.has(A))
  await writing[0]
  other.refresh()
  t.ok(other.has(A) && other.has(B))
})

t.test('a change that LMDB refuses is rejected alone', async t => {
  const db = openDatabase(t.testdir(), 'process')
  t.teardown(() => db.close())
  await t.rejects(db.write(() => db.put(Buffer.alloc(0), VALUE)), /key/)
  await t.resolves(db.write(() => db.put(A, VALUE)), 'and it goes on')
})
