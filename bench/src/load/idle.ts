/** Sessions that hold their standalone stream open and do nothing. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer } from '../running-server.ts'
import type { MemoryReading } from '../servers/protocol.ts'
import { Connection } from './connection.ts'
import { EventStream } from './event-stream.ts'
import { get } from './requests.ts'
import { open } from './session.ts'
import type { Manner } from './session.ts'

/** Bytes each session with its stream adds to the server. */
export interface IdleSample {
  readonly rss: number
  readonly heapUsed: number
}

/** Held open from before the first reading on: what the first of them take once and for all is not counted as the price of one. */
const FIRST = 500
const SETTLE_MS = 300

export async function idleSessions (server: RunningServer, manner: Manner, count: number): Promise<IdleSample> {
  const streams = await hold(server.port, manner, FIRST)
  await sleep(SETTLE_MS)
  const before = await server.memory()
  streams.push(...await hold(server.port, manner, count))
  await sleep(SETTLE_MS)
  const after = await server.memory()
  const lost = streams.filter(stream => !stream.alive).length
  if (lost > 0) throw new Error(`The server closed ${lost} of ${streams.length} idle streams`)
  for (const stream of streams) stream.close()
  const each = (key: keyof MemoryReading) => (after[key] - before[key]) / count
  return { rss: each('rss'), heapUsed: each('heapUsed') }
}

async function hold (port: number, manner: Manner, count: number): Promise<EventStream[]> {
  const connection = await Connection.open(port)
  const streams: EventStream[] = []
  for (let i = 0; i < count; i++) {
    const addressing = await open(connection, port, manner)
    const stream = await EventStream.open(port, get(port, addressing), () => {})
    await stream.opened
    streams.push(stream)
  }
  connection.close()
  return streams
}
