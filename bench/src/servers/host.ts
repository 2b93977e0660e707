/**
 * The child's side of a contestant: listens on a free port of the loopback interface, says which, answers questions about
 * its memory, and ends with its parent.
 */
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import type { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { CPU_QUESTION, MEMORY_QUESTION, PROFILE_QUESTION } from './protocol.ts'
import type { HostMessage, MemoryReading } from './protocol.ts'

/** Microseconds between two looks at what the process does. */
const SAMPLING_US = 500

export async function serve (app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  announce(app.server)
}

export function announce (server: Server): void {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port')
  process.on('message', question => {
    if (question === CPU_QUESTION) tell({ cpu: cpuTime() })
    else if (question === MEMORY_QUESTION) readMemory().then(memory => tell({ memory }))
    else if (question === PROFILE_QUESTION) profile().then(profile => tell({ profile }))
  })
  process.on('disconnect', () => process.exit())
  tell({ port: address.port })
}

function tell (message: HostMessage): void {
  if (process.send === undefined) throw new Error('This server is started by the bench, not by hand')
  process.send(message)
}

function cpuTime (): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

let session: Session | null = null

/** Starts, or ends and answers what was seen. */
async function profile (): Promise<Profiler.Profile | null> {
  if (session !== null) {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    session = null
    return profile
  }
  session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US })
  await session.post('Profiler.start')
  return null
}

/** Several collections with pauses: finalizers and native handles are freed between them. */
async function readMemory (): Promise<MemoryReading> {
  const collect = globalThis.gc
  if (collect === undefined) throw new Error('Start the server with --expose-gc')
  for (let i = 0; i < 4; i++) {
    await sleep(50)
    collect()
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}
