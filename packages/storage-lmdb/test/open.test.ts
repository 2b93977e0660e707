import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import t from 'tap'
import { lmdbStorage } from '../src/index.ts'
import { startChild, stopChild } from './helper/child.ts'
import { OWNER, PLENTY, sessionRecord } from './helper/records.ts'

/** A storage with something in it, closed; its data file. */
async function filled (path: string, sessions = 500): Promise<string> {
  const storage = lmdbStorage({ path })
  await Promise.all(Array.from({ length: sessions }, async (_, index) => {
    await storage.sessions.create(sessionRecord(`s${index}`, { state: { index, text: 'x'.repeat(300) } }), PLENTY)
    await storage.events.open(`s${index}`, 'st', OWNER)
    await storage.events.append(`s${index}`, 'st', ['1', '2'], false)
  }))
  await storage.close()
  return join(path, 'data.mdb')
}

function overwrite (file: string, bytes: Buffer, position: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, position)
  closeSync(descriptor)
}

t.test('the folder is made, and what is in it is there again', async t => {
  const path = join(t.testdir(), 'not', 'there', 'yet')
  await filled(path, 3)
  const storage = lmdbStorage({ path })
  t.equal((await storage.sessions.read('s2'))?.state.index, 2)
  t.equal(await storage.sessions.count(), 3)
  t.equal((await storage.events.read('s1', 'st', 0, 10))?.events.length, 2)
  await storage.close()
})

t.test('a file of something else is refused and left as it is', async t => {
  const contents = {
    text: Buffer.from('dear diary\n'.repeat(2000)),
    short: Buffer.from('hello'),
    random: randomBytes(50_000),
    zeros: Buffer.alloc(20_000)
  }
  for (const [name, content] of Object.entries(contents)) {
    const path = t.testdir({ 'data.mdb': content })
    t.throws(() => lmdbStorage({ path }), { code: 'MCP_LMDB_FOREIGN_FILE', message: /data\.mdb is not the data of this storage/ }, name)
    t.ok(readFileSync(join(path, 'data.mdb')).equals(content), 'untouched')
  }
})

t.test('an LMDB file of another program is refused and left as it is', async t => {
  const path = t.testdir()
  const file = join(path, 'data.mdb')
  const theirs = open({ path: file, noSubdir: true })
  await theirs.openDB({ name: 'recipes' }).put('soup', 'of the day')
  await theirs.close()
  const before = readFileSync(file)
  t.throws(() => lmdbStorage({ path }), { code: 'MCP_LMDB_FOREIGN_FILE' })
  t.ok(readFileSync(file).equals(before))
})

t.test('a file of a later format is refused', async t => {
  const path = t.testdir()
  const file = await filled(path, 1)
  const raw = open<Buffer, Buffer>({ path: file, noSubdir: true, encoding: 'binary', keyEncoding: 'binary', overlappingSync: false })
  raw.putSync(Buffer.from('m:format'), Buffer.from('mcp-storage-lmdb 2'))
  await raw.close()
  t.throws(() => lmdbStorage({ path }), { code: 'MCP_LMDB_FOREIGN_FILE', message: /has the format "mcp-storage-lmdb 2"/ })
})

t.test('a damaged file is said to be damaged', async t => {
  const cases: Record<string, (file: string, size: number) => void> = {
    'cut in half': (file, size) => truncateSync(file, size / 2),
    'cut within the first pages': file => truncateSync(file, 5000),
    'one of the first pages overwritten': file => overwrite(file, randomBytes(4096), 4096),
    'an impossible page size': file => overwrite(file, Buffer.from([3, 0, 0, 0]), 48)
  }
  for (const [name, damage] of Object.entries(cases)) {
    const path = t.testdir()
    const file = await filled(path)
    damage(file, statSync(file).size)
    t.throws(() => lmdbStorage({ path }), { code: 'MCP_LMDB_CORRUPTED', message: /data\.mdb is damaged/ }, name)
    t.ok(existsSync(file), 'the file is kept')
  }
})

t.test('a damaged page is found wherever it is, and never ends the process', async t => {
  const path = t.testdir()
  const file = await filled(path, 100)
  const whole = readFileSync(file)
  const outcomes = new Map<string, number>()
  for (let page = 2; page < whole.length / 4096; page++) {
    for (const bytes of [Buffer.alloc(4096), randomBytes(4096), Buffer.alloc(4096, 0xff)]) {
      writeFileSync(file, whole)
      overwrite(file, bytes, page * 4096)
      const outcome = await outcomeOf(path)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  t.comment(Object.fromEntries(outcomes))
  t.same([...outcomes.keys()].sort(), ['MCP_LMDB_CORRUPTED', 'fine'], 'a free page may be anything')
  t.ok((outcomes.get('MCP_LMDB_CORRUPTED') ?? 0) > 30)
})

async function outcomeOf (path: string): Promise<string> {
  try {
    const storage = lmdbStorage({ path })
    const found = await storage.sessions.count()
    await storage.close()
    return found === 100 ? 'fine' : `${found} sessions`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

t.test('a file that ends before its last, unused pages is fine', async t => {
  const path = t.testdir()
  const file = await filled(path, 1)
  const grown = lmdbStorage({ path })
  for (let index = 0; index < 2000; index++) {
    await grown.sessions.create(sessionRecord(`more${index}`, { state: { text: 'x'.repeat(300) } }), PLENTY)
  }
  for (let index = 0; index < 2000; index++) await grown.sessions.delete(`more${index}`)
  await grown.close()
  const whole = readFileSync(file)
  // Short enough to lack free pages, found by trying.
  let length = whole.length
  for (; length > whole.length / 2; length -= 4096) {
    writeFileSync(file, whole.subarray(0, length - 4096))
    if (await openingFails(path)) break
  }
  t.ok(length < whole.length, `${whole.length - length} bytes less`)
  writeFileSync(file, whole.subarray(0, length))
  const storage = lmdbStorage({ path })
  t.equal((await storage.sessions.read('s0'))?.id, 's0')
  for (let index = 0; index < 500; index++) await storage.sessions.create(sessionRecord(`new${index}`), PLENTY)
  t.equal(await storage.sessions.count(), 501)
  await storage.close()
})

async function openingFails (path: string): Promise<boolean> {
  try {
    await lmdbStorage({ path }).close()
    return false
  } catch {
    return true
  }
}

t.test('a path that cannot be used is said with the reason', async t => {
  const path = t.testdir({ file: 'a file', folder: { 'data.mdb': {} }, lock: { 'data.mdb-lock': {} }, closed: { 'data.mdb': '' } })
  t.throws(() => lmdbStorage({ path: join(path, 'file') }), { code: 'MCP_LMDB_NOT_OPENED', message: /EEXIST|not a folder/ })
  t.throws(() => lmdbStorage({ path: join(path, 'file', 'below') }), { code: 'MCP_LMDB_NOT_OPENED', message: /ENOTDIR/ })
  for (const folder of ['folder', 'lock']) {
    t.throws(() => lmdbStorage({ path: join(path, folder) }), { code: 'MCP_LMDB_NOT_OPENED', message: /it is not a file/ })
  }
})

t.test('a path without permission is said with the reason', async t => {
  const path = t.testdir({ folder: {}, file: { 'data.mdb': '' }, lock: { 'data.mdb': '', 'data.mdb-lock': '' } })
  for (const open of [path, join(path, 'file'), join(path, 'lock')]) chmodSync(open, 0o777)
  chmodSync(join(path, 'folder'), 0o555)
  chmodSync(join(path, 'file', 'data.mdb'), 0o400)
  chmodSync(join(path, 'lock', 'data.mdb-lock'), 0o400)
  const paths = ['folder', 'folder/below', 'file', 'lock'].map(name => join(path, name))
  // Root may do anything, so it has somebody else try.
  const child = startChild('open-and-tell.ts', paths, process.getuid?.() === 0 ? 65534 : undefined)
  const [outcomes]: unknown[] = await once(child, 'message')
  await stopChild(child)
  chmodSync(join(path, 'folder'), 0o777)
  t.match(outcomes, paths.map(() => /^MCP_LMDB_NOT_OPENED: .*EACCES/))
})

t.test('after an error, another path can be opened', async t => {
  const path = t.testdir({ bad: { 'data.mdb': 'hello' } })
  mkdirSync(join(path, 'good'))
  writeFileSync(join(path, 'good', 'data.mdb'), '')
  t.throws(() => lmdbStorage({ path: join(path, 'bad') }), { code: 'MCP_LMDB_FOREIGN_FILE' })
  const storage = lmdbStorage({ path: join(path, 'good') })
  t.equal(await storage.sessions.create(sessionRecord('1'), PLENTY), 'created')
  await storage.close()
})
