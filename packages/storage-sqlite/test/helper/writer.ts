/**
 * Writes until it is killed, and notes what was acknowledged: `event POSITION NUMBER`, `session ID`, `deleted ID`,
 * `state NUMBER`. Says `opening` and `writing` to its parent. Arguments: path of the storage, path of the notes, name of
 * the writer, how many times it was started before.
 */
import { openSync, writeSync } from 'node:fs'
import { sqliteStorage } from '../../src/index.ts'
import { PLENTY, sessionRecord } from './records.ts'

const [path = '', notes = '', writer = '', start = ''] = process.argv.slice(2)
const descriptor = openSync(notes, 'a')
const note = (line: string) => writeSync(descriptor, line + '\n')
let number = Number(start) * 1_000_000

process.send?.('opening')
const storage = sqliteStorage({ path, events: { maxEvents: 1_000_000, maxBytes: 1_000_000_000 } })
const { sessions, events } = storage

async function shared (): Promise<void> {
  for (;;) {
    const first = number
    number += 1 + first % 7
    const messages = Array.from({ length: number - first }, (_, index) => JSON.stringify([writer, first + index]))
    const end = await events.append('shared', 'st', messages, false)
    messages.forEach((_, index) => note(`event ${end - messages.length + 1 + index} ${first + index}`))
  }
}

async function own (): Promise<void> {
  for (let round = 0; ; round++) {
    const id = `${writer}-${start}-${round}`
    await sessions.create(sessionRecord(id, { principalKey: writer }), PLENTY)
    note(`session ${id}`)
    await sessions.patchState(writer, { count: Number(start) * 1_000_000 + round })
    note(`state ${Number(start) * 1_000_000 + round}`)
    // Much that comes and goes, so that pages are freed and used again while others write.
    await events.open(id, 'st', { node: writer, requestIds: [round] })
    await events.append(id, 'st', ['x'.repeat(round % 5000)], true)
    if (round % 3 === 0) {
      await sessions.delete(id)
      note(`deleted ${id}`)
    }
  }
}

await sessions.touch(writer, Date.now() + 600_000)
process.send?.('writing')
await Promise.all([shared(), own()])
