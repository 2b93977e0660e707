import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import t from 'tap'
import { sqliteStorage } from '../src/index.ts'
import { startChild } from './helper/child.ts'
import { PLENTY, sessionRecord } from './helper/records.ts'
import type { Storage } from '@mcp/storage'

const NAMES = ['a', 'b', 'c']
const TIMES = 40

async function comeAndGo (path: string): Promise<unknown[]> {
  return Promise.all(NAMES.map(async name => {
    const child = startChild('come-and-go.ts', [path, name, String(TIMES)])
    const gone = once(child, 'exit')
    const told = await Promise.race([once(child, 'message').then(([outcomes]: unknown[]) => outcomes), gone])
    await gone
    return told
  }))
}

/** Some drivers keep the write-ahead log until the process ends. */
function filesIn (path: string): string[] {
  return readdirSync(path).filter(file => !/-(wal|shm)$/.test(file)).sort()
}

/** What was created and is not there. */
async function missingIn (storage: Storage): Promise<string[]> {
  const missing: string[] = []
  for (const name of NAMES) {
    for (let time = 0; time < TIMES; time++) {
      if (await storage.sessions.read(`${name}-${time}`) === undefined) missing.push(`${name}-${time}`)
    }
  }
  return missing
}

const ALL_CREATED = NAMES.map(() => Array.from({ length: TIMES }, () => 'created'))

t.test('nothing is lost while processes open and close the file and another writes', async t => {
  const path = t.testdir()
  const storage = sqliteStorage({ path })
  const stop = new AbortController()
  let written = 0
  const own = (async () => {
    for (; !stop.signal.aborted; written++) {
      await storage.sessions.create(sessionRecord(`own-${written}`), PLENTY)
    }
  })()
  t.same(await comeAndGo(path), ALL_CREATED)
  stop.abort()
  await own
  t.same(await missingIn(storage), [])
  t.equal(await storage.sessions.count(), written + NAMES.length * TIMES)
  await storage.close()
  t.same(filesIn(path), ['data.sqlite', 'reserve'])
})

t.test('nothing is lost while processes open and close the file, often as the last one', async t => {
  const path = t.testdir()
  t.same(await comeAndGo(path), ALL_CREATED)
  const storage = sqliteStorage({ path })
  t.same(await missingIn(storage), [])
  await storage.close()
  t.same(filesIn(path), ['data.sqlite', 'reserve'])
})
