/** Sessions that are held open while others are at work: what arrives on their streams must be theirs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@mcp/protocol'
import { Connection, DEADLINE_MS, type Sent } from './connection.ts'
import { marksIn } from './marks.ts'
import { HELD_SESSIONS, type Caller, type Field } from './requests.ts'
import { POLICIES, VARIANTS, type Variant } from './policies.ts'
import type { Ports } from './target.ts'

const SPLIT_MARK = 40

/** A stream that is read as it comes. */
class HeldStream {
  readonly #connection: Connection
  #text = ''
  #listeners: Array<() => void> = []

  constructor (connection: Connection, begun: string) {
    this.#connection = connection
    this.#text = begun
    connection.socket.on('data', chunk => {
      this.#text += chunk.toString('latin1')
      for (const wake of this.#listeners.splice(0)) wake()
    })
    connection.socket.on('close', () => { for (const wake of this.#listeners.splice(0)) wake() })
  }

  get over (): boolean {
    return !this.#connection.streaming
  }

  /** What was received since the last time. */
  take (): string {
    const text = this.#text
    this.#text = text.slice(-SPLIT_MARK)
    return text
  }

  /** Waits until each of these words was received that messages are answered with. */
  async has (owed: ReadonlyMap<string, string>): Promise<void> {
    const late = AbortSignal.timeout(DEADLINE_MS)
    const lacking = (): string[] => [...owed].filter(([word]) => !this.#text.includes(word)).map(([, message]) => message)
    while (!this.over && lacking().length > 0) {
      if (late.aborted) throw new Error(`a stream of HTTP+SSE owes answers to ${lacking().join('\n')}`)
      await Promise.race([new Promise<void>(resolve => this.#listeners.push(resolve)), sleep(1_000)])
    }
  }

  close (): void {
    this.#connection.destroy()
  }
}

export class HeldSession {
  readonly owner: Caller
  readonly id: string
  readonly sseId: string
  readonly #stream: HeldStream
  readonly #sse: HeldStream
  /** Marks of what was sent in it; a stream that is resumed brings old ones again. */
  readonly #sent = new Set<string>()
  /** Answers that are owed on the stream of HTTP+SSE, as they are written. */
  readonly #owed = new Map<string, string>()
  /** Whether something in this conversation may end it. */
  ending = false

  constructor (owner: Caller, id: string, sseId: string, stream: HeldStream, sse: HeldStream) {
    this.owner = owner
    this.id = id
    this.sseId = sseId
    this.#stream = stream
    this.#sse = sse
  }

  get over (): boolean {
    return this.#stream.over || this.#sse.over
  }

  sent (mark: string): void {
    this.#sent.add(mark)
  }

  knows (mark: string): boolean {
    return this.#sent.has(mark)
  }

  /** An answer to `message` has to come on the stream of HTTP+SSE. */
  owe (mark: string, message: string): void {
    this.#owed.set(`"id":"${mark}"`, message)
  }

  /** @throws when a stream brought what is not its own, or lacks what it owes */
  async settle (): Promise<void> {
    await this.#sse.has(this.#owed)
    this.#owed.clear()
    for (const [name, stream] of [['GET', this.#stream], ['HTTP+SSE', this.#sse]] as const) {
      for (const mark of marksIn(stream.take())) if (!this.knows(mark)) throw new Error(`the ${name} stream of a session brought ${mark}, which was sent elsewhere`)
    }
    this.ending = false
  }

  close (): void {
    this.#stream.close()
    this.#sse.close()
  }
}

export class HeldSessions {
  readonly #ports: Ports
  readonly #sessions = new Map<string, HeldSession>()

  constructor (ports: Ports) {
    this.#ports = ports
  }

  get (variant: Variant, index: number | null): HeldSession | undefined {
    return this.#sessions.get(`${variant} ${index}`)
  }

  all (): HeldSession[] {
    return [...this.#sessions.values()]
  }

  /** Opens those that are not there any more. */
  async refill (): Promise<void> {
    const missing: Array<Promise<void>> = []
    for (const variant of VARIANTS) {
      if (!POLICIES[variant].sessions) continue
      for (let index = 0; index < HELD_SESSIONS; index++) {
        const held = this.get(variant, index)
        if (held !== undefined && !held.over) continue
        held?.close()
        missing.push(this.#open(variant, index % 2 === 0 ? 'alice' : 'bob').then(session => { this.#sessions.set(`${variant} ${index}`, session) }))
      }
    }
    await Promise.all(missing)
  }

  async #open (variant: Variant, owner: Caller): Promise<HeldSession> {
    const port = this.#ports[variant]
    const key = owner === 'nobody' ? '' : this.#ports.keys[owner]
    const fields: Field[] = [['Host', '127.0.0.1'], ['Accept', 'application/json, text/event-stream'], ...(variant === 'guarded' ? [['Authorization', `Bearer ${key}`] as const] : [])]
    const params = { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo: { name: 'held', version: '1' } }
    const first = await Connection.open(port)
    const opened = await first.send([plainRequest('POST', '/mcp', fields, { jsonrpc: '2.0', id: 0, method: 'initialize', params })])
    const id = opened.replies[0]?.headers.get('mcp-session-id')
    if (id === undefined) throw new Error(`no session was opened: ${opened.replies[0]?.status}`)
    const stream = await first.send([plainRequest('GET', '/mcp', [...fields, ['Mcp-Session-Id', id]])])
    const second = await Connection.open(port)
    const sse = await second.send([plainRequest('GET', '/sse', fields)])
    if (!stream.streaming || !sse.streaming) throw new Error('no stream was opened')
    let begun = second.partial.toString()
    while (!/sessionId=\S+/.test(begun)) {
      await sleep(1)
      begun = second.partial.toString()
    }
    const sseId = /sessionId=(\S+)/.exec(begun)?.[1] ?? ''
    const held = new HeldSession(owner, id, sseId, new HeldStream(first, ''), new HeldStream(second, ''))
    const greeting = plainRequest('POST', `/messages?sessionId=${sseId}`, fields, { jsonrpc: '2.0', id: 0, method: 'initialize', params })
    const third = await Connection.open(port)
    await third.send([greeting])
    third.destroy()
    return held
  }
}

/** A request that is as it should be. */
export function plainRequest (method: string, path: string, fields: readonly Field[], message?: JsonObject): Sent {
  const body = message === undefined ? '' : JSON.stringify(message)
  const length: Field[] = message === undefined ? [] : [['Content-Type', 'application/json'], ['Content-Length', String(Buffer.byteLength(body))]]
  const head = [...fields, ...length].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return { method, bytes: Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`), endless: method === 'GET' }
}
