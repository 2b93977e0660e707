/** A burst whose reader is lost after its first message, and what a reconnect then brings. */
import { checkBurst, EventCounter, messagesIn } from './burst-events.ts'
import { Connection } from './connection.ts'
import { EventStream } from './event-stream.ts'
import { burstRequest, FIRST_ID, get } from './requests.ts'
import type { Addressing } from './requests.ts'
import { open } from './session.ts'

/** Milliseconds from before the connection is opened. */
export interface ResumeSample {
  readonly first: number
  readonly all: number
}

/** A stream nobody reads, and the last event its client got. */
export interface LostStream {
  readonly addressing: Addressing
  readonly lastEventId: string
  /** How many messages came after it, the result aside. */
  readonly missed: number
}

const FIRST_MESSAGE = /^id: (.+)\ndata: \{/m

/** Calls `burst` in a session of its own and goes away with the first message. */
export async function lose (port: number, missed: number): Promise<LostStream> {
  const connection = await Connection.open(port)
  const addressing = await open(connection, port, 'session')
  connection.close()
  let onId = (_id: string) => {}
  const firstId = new Promise<string>(resolve => { onId = resolve })
  const stream = await EventStream.open(port, burstRequest(port, addressing, FIRST_ID, missed + 1), text => {
    const id = FIRST_MESSAGE.exec(text)?.[1]
    if (id !== undefined) onId(id)
  })
  const lastEventId = await Promise.race([firstId, stream.ended.then(() => '')])
  stream.close()
  if (lastEventId === '') throw new Error('The stream brought no event with an id')
  return { addressing, lastEventId, missed }
}

/** Reads the stream to its end, without looking at the time: then all of it is stored, and this is its text. */
export async function readToEnd (port: number, lost: LostStream): Promise<string> {
  const texts: string[] = []
  await read(port, lost, text => { texts.push(text) })
  const text = texts.join('')
  checkBurst(messagesIn(text), { first: 2, last: lost.missed + 1 }, FIRST_ID)
  return text
}

export async function resume (port: number, lost: LostStream): Promise<ResumeSample> {
  const events = new EventCounter()
  let first = 0
  const start = performance.now()
  await read(port, lost, text => {
    events.add(text)
    if (first === 0 && events.count > 0) first = performance.now() - start
  })
  const all = performance.now() - start
  if (events.count !== lost.missed + 1) throw new Error(`Expected ${lost.missed + 1} events, got ${events.count}`)
  return { first, all }
}

async function read (port: number, { addressing, lastEventId }: LostStream, onText: (text: string) => void): Promise<void> {
  const stream = await EventStream.open(port, get(port, addressing, lastEventId), onText)
  await stream.ended
  stream.close()
}
