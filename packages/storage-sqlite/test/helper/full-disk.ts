/**
 * Works on a disk that another file fills, under load; prints what happened as JSON. Arguments: a folder on a small disk, how many rounds.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteStorage } from '../../src/index.ts'
import { OWNER, PLENTY, sessionRecord } from './records.ts'

const [folder = '', rounds = ''] = process.argv.slice(2)
const path = join(folder, 'data')
const ballast = join(folder, 'ballast')
const outcomes = { created: 0, deleted: 0, lost: 0, kept: 0, wrong: new Set<string>(), full: 0, recovered: 0, opened: 0 }

function fillDisk (): void {
  const descriptor = openSync(ballast, 'w')
  for (const size of [64 * 1024, 4096, 1]) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(size, 1))
    } catch {
      // Full for writes of this size.
    }
  }
  closeSync(descriptor)
}

async function attempt<T> (action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'MCP_SQLITE_FULL') outcomes.full++
    else outcomes.wrong.add(code)
    return undefined
  }
}

for (let round = 0; round < Number(rounds); round++) {
  const storage = sqliteStorage({ path })
  const { sessions, events } = storage
  const known = new Set<string>()
  const load = async (worker: number): Promise<void> => {
    for (let index = 0; index < 60; index++) {
      const id = `${round}-${worker}-${index}`
      if (await attempt(async () => sessions.create(sessionRecord(id, { state: { text: 'x'.repeat(2000) } }), PLENTY)) === 'created') {
        known.add(id)
        outcomes.created++
      }
      await attempt(async () => events.open(id, 'st', OWNER))
      await attempt(async () => events.append(id, 'st', ['y'.repeat(5000)], false))
      if (index === 20 && worker === 0) fillDisk()
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, worker) => load(worker)))
  for (const id of known) {
    if (await sessions.read(id) === undefined) outcomes.lost++
    else outcomes.kept++
  }
  // The disk is still full.
  const removed = await Promise.all([...known].map(id => attempt(async () => sessions.delete(id))))
  outcomes.deleted += removed.filter(Boolean).length
  if (round % 2 === 1) {
    // A process that starts on the full disk.
    await storage.close()
    const again = sqliteStorage({ path })
    outcomes.opened++
    rmSync(ballast)
    if (await attempt(async () => again.sessions.create(sessionRecord(`after-${round}`), PLENTY)) === 'created') outcomes.recovered++
    await again.sessions.delete(`after-${round}`)
    await again.close()
  } else {
    rmSync(ballast)
    if (await attempt(async () => sessions.create(sessionRecord(`after-${round}`), PLENTY)) === 'created') outcomes.recovered++
    await sessions.delete(`after-${round}`)
    await storage.close()
  }
}
process.stdout.write(JSON.stringify({ ...outcomes, wrong: [...outcomes.wrong] }))
