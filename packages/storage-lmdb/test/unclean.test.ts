import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lmdbStorage } from '../src/index.ts'
import { startChild, stopChild } from './helper/child.ts'
import { PLENTY, sessionRecord } from './helper/records.ts'
import { once } from 'node:events'

const marks = (path: string) => readdirSync(path).filter(name => name.startsWith('in-use.'))

t.test('the mark lies beside the file while any process has it open', async t => {
  const path = t.testdir()
  const first = lmdbStorage({ path })
  const second = lmdbStorage({ path })
  t.equal(marks(path).length, 1)
  await first.close()
  t.equal(marks(path).length, 1, 'the second has it open')
  await second.close()
  t.same(readdirSync(path).sort(), ['data.mdb', 'data.mdb-lock'])
})

t.test('after a kill on the same run of the machine, everything is there', async t => {
  const path = t.testdir()
  const child = startChild('writer.ts', [path, join(path, 'notes'), 'a', '0'])
  const gone = once(child, 'exit')
  // The writer deletes every third of its sessions, the first among them.
  while (!existsSync(join(path, 'notes')) || !readFileSync(join(path, 'notes'), 'utf8').includes('session a-0-1')) {
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  await stopChild(child)
  await gone
  t.equal(marks(path).length, 1)
  const storage = lmdbStorage({ path })
  t.ok(await storage.sessions.count() > 0)
  await storage.close()
})

t.test('a file that was in use when the machine stopped is left aside, once, with a warning', async t => {
  const path = t.testdir()
  const before = lmdbStorage({ path })
  await before.sessions.create(sessionRecord('lost'), PLENTY)
  await before.close()
  for (const earlier of ['another-boot-id', '0', '']) {
    writeFileSync(join(path, `in-use.${earlier}`), '')
    const warned = once(process, 'warning')
    const storage = lmdbStorage({ path })
    t.equal(await storage.sessions.read('lost'), undefined)
    const [warning] = await warned
    t.match(warning, { name: 'McpLmdbWarning', message: /data\.mdb was in use.*data\.unclean\.mdb/ })
    const again = lmdbStorage({ path })
    t.equal(await storage.sessions.create(sessionRecord('lost'), PLENTY), 'created')
    t.equal((await again.sessions.read('lost'))?.id, 'lost', 'the second to open finds what the first has')
    await storage.close()
    await again.close()
  }
  t.same(readdirSync(path).sort(), ['data.mdb', 'data.mdb-lock', 'data.unclean.mdb'])
})

t.test('the mark is never without what it says: there is nothing in it that could be missing', async t => {
  const path = t.testdir()
  const storage = lmdbStorage({ path })
  for (const name of marks(path)) t.equal(readFileSync(join(path, name), 'utf8'), '')
  t.equal(marks(path).length, 1)
  await storage.close()
})

t.test('with durability "power" there is no mark, and everything is there', async t => {
  const path = t.testdir()
  const storage = lmdbStorage({ path, durability: 'power' })
  await storage.sessions.create(sessionRecord('s'), PLENTY)
  t.same(marks(path), [])
  await storage.close()
  const again = lmdbStorage({ path, durability: 'power' })
  t.equal((await again.sessions.read('s'))?.id, 's')
  await again.close()
})
