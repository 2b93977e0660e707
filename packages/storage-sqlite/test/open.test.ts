import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { loadDriver } from '../src/driver.ts'
import { sqliteStorage } from '../src/index.ts'
import { startChild, stopChild } from './helper/child.ts'
import { OWNER, PLENTY, sessionRecord } from './helper/records.ts'

/** A storage with sessions and events, closed; its data file. */
async function filled (path: string, sessions = 300): Promise<string> {
  const storage = sqliteStorage({ path })
  await Promise.all(Array.from({ length: sessions }, async (_, index) => {
    await storage.sessions.create(sessionRecord(`s${index}`, { state: { index, text: 'x'.repeat(300) } }), PLENTY)
    await storage.events.open(`s${index}`, 'st', OWNER)
    await storage.events.append(`s${index}`, 'st', ['1', '2'], false)
  }))
  await storage.close()
  return join(path, 'data.sqlite')
}

function overwrite (file: string, bytes: Buffer, position: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, position)
  closeSync(descriptor)
}

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)

t.test('the folder is created, and its content is there again', async t => {
  const path = join(t.testdir(), 'not', 'there', 'yet')
  await filled(path, 3)
  const storage = sqliteStorage({ path })
  t.equal((await storage.sessions.read('s2'))?.state.index, 2)
  t.equal(await storage.sessions.count(), 3)
  t.equal((await storage.events.read('s1', 'st', 0, 10))?.events.length, 2)
  await storage.close()
})

t.test('only the user of the server may read the files, whatever the umask', async t => {
  const path = join(t.testdir(), 'data')
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  const storage = sqliteStorage({ path })
  await storage.sessions.create(sessionRecord('s'), PLENTY)
  t.equal(modeOf(path), '700')
  for (const file of ['data.sqlite', 'data.sqlite-wal', 'data.sqlite-shm', 'reserve']) t.equal(modeOf(join(path, file)), '600', file)
  await storage.close()
})

t.test('a file of something else is rejected and left as it is', async t => {
  const contents = {
    text: Buffer.from('dear diary\n'.repeat(2000)),
    short: Buffer.from('hello'),
    random: randomBytes(50_000),
    zeros: Buffer.alloc(20_000)
  }
  for (const [name, content] of Object.entries(contents)) {
    const path = t.testdir({ 'data.sqlite': content })
    t.throws(() => sqliteStorage({ path }), { code: 'MCP_SQLITE_FOREIGN_FILE', message: /data\.sqlite is not a file of this storage/ }, name)
    t.ok(readFileSync(join(path, 'data.sqlite')).equals(content), 'untouched')
  }
})

t.test('an SQLite file of another program, or of a later format, is rejected and left as it is', async t => {
  const { DatabaseSync } = loadDriver()
  const cases = {
    'it belongs to another program': 'CREATE TABLE recipes (soup TEXT)',
    'it has the format 99, this version reads format 1': `PRAGMA application_id = ${0x6d637053}; PRAGMA user_version = 99; CREATE TABLE t (a)`
  }
  for (const [reason, sql] of Object.entries(cases)) {
    const path = t.testdir()
    const file = join(path, 'data.sqlite')
    const theirs = new DatabaseSync(file)
    theirs.exec(sql)
    theirs.close()
    const before = readFileSync(file)
    t.throws(() => sqliteStorage({ path }), { code: 'MCP_SQLITE_FOREIGN_FILE', message: new RegExp(reason) })
    t.ok(readFileSync(file).equals(before))
  }
})

t.test('a damaged file is an error that names the file, and never ends the process', async t => {
  const path = t.testdir()
  const file = await filled(path)
  const whole = readFileSync(file)
  const outcomes = new Set<string>()
  for (let page = 1; page < whole.length / 4096; page += 3) {
    for (const bytes of [Buffer.alloc(4096), randomBytes(4096)]) {
      writeFileSync(file, whole)
      overwrite(file, bytes, page * 4096)
      outcomes.add(await outcomeOf(path))
    }
  }
  writeFileSync(file, whole)
  truncateSync(file, whole.length / 2)
  outcomes.add(await outcomeOf(path))
  t.comment([...outcomes])
  outcomes.delete('fine')
  t.same([...outcomes], ['MCP_SQLITE_CORRUPTED'])
  t.ok(existsSync(file), 'the file is kept')
})

async function outcomeOf (path: string): Promise<string> {
  let storage
  try {
    storage = sqliteStorage({ path })
    for (let index = 0; index < 300; index++) {
      await storage.sessions.read(`s${index}`)
      await storage.events.read(`s${index}`, 'st', 0, 10)
      await storage.sessions.touch(`s${index}`, Date.now() + 700_000)
    }
    return 'fine'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    await storage?.close()
  }
}

t.test('a path that cannot be used is an error with the reason', async t => {
  const path = t.testdir({ file: 'a file', folder: { 'data.sqlite': {} }, wal: { 'data.sqlite-wal': {} } })
  t.throws(() => sqliteStorage({ path: join(path, 'file') }), { code: 'MCP_SQLITE_NOT_OPENED', message: /EEXIST|not a folder/ })
  t.throws(() => sqliteStorage({ path: join(path, 'file', 'below') }), { code: 'MCP_SQLITE_NOT_OPENED', message: /ENOTDIR/ })
  for (const folder of ['folder', 'wal']) {
    t.throws(() => sqliteStorage({ path: join(path, folder) }), { code: 'MCP_SQLITE_NOT_OPENED', message: /it is not a file/ })
  }
})

t.test('a path without permission is an error with the reason', async t => {
  const path = t.testdir({ folder: {}, file: { 'data.sqlite': '' } })
  for (const open of [path, join(path, 'file')]) chmodSync(open, 0o777)
  chmodSync(join(path, 'folder'), 0o555)
  chmodSync(join(path, 'file', 'data.sqlite'), 0o400)
  const paths = ['folder', 'folder/below', 'file'].map(name => join(path, name))
  // Permissions do not bind root, so another user tries.
  const child = startChild('open-and-tell.ts', paths, process.getuid?.() === 0 ? 65534 : undefined)
  const [outcomes]: unknown[] = await once(child, 'message')
  await stopChild(child)
  chmodSync(join(path, 'folder'), 0o777)
  t.match(outcomes, paths.map(() => /^MCP_SQLITE_NOT_OPENED: .*EACCES/))
})

t.test('after an error, another path can be opened', async t => {
  const path = t.testdir({ bad: { 'data.sqlite': 'hello' } })
  mkdirSync(join(path, 'good'))
  writeFileSync(join(path, 'good', 'data.sqlite'), '')
  t.throws(() => sqliteStorage({ path: join(path, 'bad') }), { code: 'MCP_SQLITE_FOREIGN_FILE' })
  const storage = sqliteStorage({ path: join(path, 'good') })
  t.equal(await storage.sessions.create(sessionRecord('1'), PLENTY), 'created')
  await storage.close()
})

t.test('a worker thread shares the file with the main thread', async t => {
  const path = t.testdir()
  const storage = sqliteStorage({ path })
  t.teardown(() => storage.close())
  const worker = new Worker(new URL('./helper/worker.mjs', import.meta.url), { workerData: path })
  for (let index = 0; index < 50; index++) await storage.sessions.create(sessionRecord(`main-${index}`), PLENTY)
  const [count]: unknown[] = await once(worker, 'message')
  await worker.terminate()
  t.equal(count, 50)
  t.equal(await storage.sessions.count(), 100)
  t.equal((await storage.sessions.read('worker-49'))?.id, 'worker-49')
})
