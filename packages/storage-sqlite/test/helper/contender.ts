/**
 * Writes as fast as it can for a time, then reports what it wrote and how long its event loop was blocked. Arguments: path, name,
 * milliseconds.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { sqliteStorage } from '../../src/index.ts'
import { OWNER, PLENTY, sessionRecord } from './records.ts'

const [path = '', name = '', milliseconds = ''] = process.argv.slice(2)
const { sessions, events, close } = sqliteStorage({ path })
await sessions.create(sessionRecord(name), PLENTY)
await events.open(name, 'st', OWNER)

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const end = Date.now() + Number(milliseconds)
const failures: string[] = []
let written = 0
const write = async (): Promise<void> => {
  while (Date.now() < end) {
    try {
      await events.append(name, 'st', [JSON.stringify('x'.repeat(1000))], false)
      written++
    } catch (error) {
      failures.push(String(error))
    }
  }
}
await Promise.all(Array.from({ length: 8 }, write))
delay.disable()
await close()
process.send?.({ written, failures, blockedMs: delay.max / 1e6 })
process.disconnect()
