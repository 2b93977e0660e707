/** Many sessions over a few keep-alive connections, each with one call under way. */
import { Connection } from './connection.ts'
import { statusOf } from './reply.ts'
import { echoRequests, FIRST_ID } from './requests.ts'
import type { Addressing } from './requests.ts'
import { open } from './session.ts'

export async function openSessions (port: number, count: number, connections: number): Promise<Addressing[]> {
  const sessions: Addressing[] = []
  await share(port, connections, count, async connection => {
    sessions.push(await open(connection, port, 'session'))
  })
  return sessions
}

export interface Answers {
  readonly seconds: number
  /** Milliseconds, sorted. */
  readonly latencies: Float64Array
}

/** One `echo` in each session. */
export async function askEach (port: number, sessions: readonly Addressing[], connections: number): Promise<Answers> {
  const requests = sessions.map((addressing, i) => echoRequests(port, addressing)(FIRST_ID + i))
  const latencies = new Float64Array(requests.length)
  const seconds = await share(port, connections, requests.length, async (connection, i) => {
    const sent = performance.now()
    const reply = await connection.ask(requests[i] ?? '')
    latencies[i] = performance.now() - sent
    if (statusOf(reply) !== 200 || !reply.includes(`"echo ${FIRST_ID + i}"`)) throw new Error(`A wrong answer to ${FIRST_ID + i}:\n${reply}`)
  })
  return { seconds, latencies: latencies.sort() }
}

/** Answers how many seconds the work took, connecting aside. */
async function share (
  port: number, connections: number, count: number, work: (connection: Connection, i: number) => Promise<void>
): Promise<number> {
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)))
  const start = performance.now()
  let next = 0
  try {
    await Promise.all(all.map(async connection => {
      while (next < count) await work(connection, next++)
    }))
    return (performance.now() - start) / 1000
  } finally {
    for (const connection of all) connection.close()
  }
}
