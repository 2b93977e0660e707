import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventStore } from '@mcp/storage'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { Test } from 'tap'
import { mcpSse, SseConnection, type McpSseOptions } from '../src/index.ts'

/** What a test may wait for, at most. */
const PATIENCE_MS = 20_000

/** Resolves when `condition` holds; looked at again after every turn of the event loop. */
export async function until (condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await delay(2)
  }
}

export type Handler = (connection: SseConnection, reply: FastifyReply) => void

/** An application with `GET /stream`, not listening yet. */
export async function build (t: Test, options: McpSseOptions, handler: Handler): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(mcpSse, options)
  streamRoute(app, handler)
  return app
}

export function streamRoute (app: FastifyInstance, handler: Handler): void {
  app.get('/stream', (_request, reply) => {
    handler(reply.mcpStream(), reply)
    return reply
  })
}

/** Makes it listen; answers the URL of its stream. */
export async function listen (app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/stream`
}

/** The reading end of a streamed reply. */
export interface Reader {
  readonly headers: IncomingHttpHeaders
  readonly response: IncomingMessage
  /** All that came so far. */
  text (): string
  /** Resolves when the server ended it, or cut it. */
  readonly over: Promise<'ended' | 'cut'>
  /** Goes away without a word. */
  leave (): void
}

export async function read (t: Test, url: string, headers: Record<string, string> = {}): Promise<Reader> {
  const request = get(url, { headers, agent: false })
  t.teardown(() => request.destroy())
  const [response] = await once(request, 'response') as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8')
  response.on('data', chunk => { text += chunk })
  const over = new Promise<'ended' | 'cut'>(resolve => {
    response.once('end', () => resolve('ended'))
    response.once('error', () => resolve('cut'))
  })
  return { headers: response.headers, response, text: () => text, over, leave: () => { request.destroy() } }
}

/** Writes frames until the peer's buffers are full, or `limit` bytes; answers how many bytes that took. */
export async function fill (connection: SseConnection, limit: number): Promise<number> {
  const frame = `data: ${'x'.repeat(32 * 1024)}\n\n`
  let written = 0
  while (connection.open && !connection.full && written < limit) {
    connection.write(frame)
    written += frame.length
    await delay(0)
  }
  return written
}

/** A connection whose reader is a string; `stall()` makes it stop reading, `take()` go on. */
export class Sink {
  readonly connection: SseConnection
  text = ''
  ended = false
  #stalled = false
  #held: (() => void) | null = null

  constructor (highWaterMark: number = 16 * 1024) {
    this.connection = new SseConnection({ maxUnsentBytes: 1024 * 1024, maxStalledSweeps: 3 })
    const writable = new Writable({
      highWaterMark,
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        this.text += chunk
        if (this.#stalled) this.#held = done
        else done()
      }
    })
    writable.on('finish', () => { this.ended = true })
    this.connection.pipe(writable)
  }

  stall (): void {
    this.#stalled = true
  }

  take (): void {
    this.#stalled = false
    const held = this.#held
    this.#held = null
    held?.()
  }

  /** Ids of the events that arrived, and their data. */
  events (): Array<{ id: string | undefined, data: string }> {
    return parseEvents(this.text)
  }
}

export function parseEvents (text: string): Array<{ id: string | undefined, data: string }> {
  return text.split('\n\n').flatMap(block => {
    const lines = block.split('\n')
    const data = lines.filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart())
    const id = lines.find(line => line.startsWith('id: '))?.slice(4)
    return data.length === 0 ? [] : [{ id, data: data.join('\n') }]
  })
}

/** The same store, answering later, as a remote one does: before or after it did its work, by turns. */
export function remote (events: EventStore, turns: () => number = () => 1): EventStore {
  const pause = async () => { for (let left = turns(); left > 0; left--) await delay(0) }
  let count = 0
  const later = async <T>(work: () => T): Promise<Awaited<T>> => {
    if (count++ % 2 === 0) {
      const result = await work()
      await pause()
      return result
    }
    await pause()
    return await work()
  }
  return {
    open: (...args) => later(() => events.open(...args)),
    append: (...args) => later(() => events.append(...args)),
    read: (...args) => later(() => events.read(...args)),
    deleteSession: session => later(() => events.deleteSession(session))
  }
}
