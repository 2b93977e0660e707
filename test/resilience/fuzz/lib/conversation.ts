/** Several clients at once, each with what it sends; everything they hear is judged. */
import { Connection, type Outcome } from './connection.ts'
import { encode, type Encoded } from './encode.ts'
import { HeldSessions, type HeldSession } from './held.ts'
import { newMark, marksIn } from './marks.ts'
import { answersTo, judgeReply } from './oracle.ts'
import { type Variant } from './policies.ts'
import type { FuzzRequest, Lane } from './requests.ts'
import type { Reply } from './replies.ts'
import type { Ports } from './target.ts'

const KEPT_OPEN = 10

export class Conversations {
  readonly #ports: Ports
  readonly held: HeldSessions
  readonly #idle = new Map<Variant, Connection[]>()
  /** Requests that were answered, and connections that were closed for what came over them. */
  answered = 0
  closed = 0
  readonly statuses = new Map<number, number>()

  constructor (ports: Ports) {
    this.#ports = ports
    this.held = new HeldSessions(ports)
  }

  /** @throws when any of it breaks a rule */
  async hold (lanes: readonly Lane[]): Promise<void> {
    await this.held.refill()
    const outcomes = await Promise.allSettled(lanes.map(lane => this.#play(lane)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    // Some may have been given up by what was sent; those were refilled when the next conversation began.
    for (const session of this.held.all()) await session.settle()
  }

  close (): void {
    for (const connection of [...this.#idle.values()].flat()) connection.destroy()
    for (const session of this.held.all()) session.close()
  }

  async #play (lane: Lane): Promise<void> {
    const connection = await this.#connection(lane.variant)
    const sent = lane.requests.map(request => this.#encode(lane.variant, request))
    const packet = lane.packet === null ? null : Buffer.from(lane.packet.replaceAll('@@', newMark()), 'latin1')
    if (packet !== null && lane.hasty) return this.#judgeLast(lane, sent, await connection.sendLast(sent, packet, lane.cuts))
    const outcome = await connection.send(sent, lane.cuts)
    this.#judge(lane, sent, outcome)
    if (outcome.streaming || outcome.closed || saysGoodbye(outcome)) return connection.destroy()
    if (packet !== null) return this.#judgeLast(lane, [], await connection.sendLast([], packet, lane.cuts))
    if (sent.some(({ tame }) => !tame)) return connection.destroy()
    this.#keep(lane.variant, connection)
  }

  /** The connection is closed now. What came is in order and whole, save for the last; what did not come was lost with the connection. */
  #judgeLast (lane: Lane, sent: readonly Encoded[], { replies }: Outcome): void {
    this.closed++
    replies.forEach((reply, index) => {
      this.#count(reply)
      const encoded = sent[index]
      if (index === replies.length - 1 && !reply.complete) return
      if (encoded !== undefined && !isUnparsed(reply)) {
        judgeReply(lane.variant, encoded, reply, this.held.get(lane.variant, encoded.request.session), false)
      } else if (reply.status >= 500) {
        throw new Error(`status ${reply.status} for ${JSON.stringify(lane.packet?.slice(0, 200))}: ${reply.body.toString()}`)
      }
    })
  }

  #encode (variant: Variant, request: FuzzRequest): Encoded {
    const mark = newMark()
    const session = this.held.get(variant, request.session)
    const unknown = request.session === null ? null : 'unknown-session'
    const caller = session?.owner !== undefined && request.caller !== 'nobody' ? session.owner : request.caller
    const key = variant === 'guarded' && caller !== 'nobody' ? this.#ports.keys[caller] : null
    session?.sent(mark)
    if (session !== undefined && (request.method === 'DELETE' || (request.body !== null && 'text' in request.body && request.body.text.includes('terminate')))) session.ending = true
    return encode(request, { mark, sessionId: session?.id ?? unknown, sseId: session?.sseId ?? null, key })
  }

  #judge (lane: Lane, sent: readonly Encoded[], outcome: Outcome): void {
    const { replies, streaming, closed } = outcome
    replies.forEach((reply, index) => {
      const encoded = sent[index]
      if (encoded === undefined) throw new Error(`a reply too many: ${reply.head}`)
      this.#count(reply)
      const session = this.held.get(lane.variant, encoded.request.session)
      judgeReply(lane.variant, encoded, reply, session, streaming && index === replies.length - 1)
      this.#owes(encoded, reply, session)
    })
    if (replies.length === sent.length || streaming) return
    const odd = sent.some(({ tame }) => !tame)
    if (!closed || !(saysGoodbye(outcome) || odd)) throw new Error(`${sent.length - replies.length} of ${sent.length} requests were not answered; the first is ${sent[replies.length]?.bytes.toString('latin1').slice(0, 600)}`)
    this.closed++
  }

  /** A request under its own mark is answered once: in the reply, or on the stream of HTTP+SSE. */
  #owes ({ body, meaning: { mark }, request }: Encoded, reply: Reply, session: HeldSession | undefined): void {
    const text = body.toString()
    if (!text.startsWith(`{"jsonrpc":"2.0","id":"${mark}","method":`) || !text.endsWith('}') || !marksIn(text).has(mark)) return
    if (request.path === '/messages' && reply.status === 202 && isWhole(text)) return session?.owe(mark, text)
    if (reply.status !== 200 || !isWhole(text) || /detach|terminate|subscriptions\/listen/.test(text) || request.method !== 'POST') return
    const count = answersTo(mark, reply)
    if (count > 1 || (count === 0 && session?.ending !== true)) throw new Error(`${count} answers to ${mark}: ${reply.head}\n${reply.body.toString().slice(0, 600)}`)
  }

  #count (reply: Reply): void {
    this.answered++
    this.statuses.set(reply.status, (this.statuses.get(reply.status) ?? 0) + 1)
  }

  async #connection (variant: Variant): Promise<Connection> {
    for (let idle = this.#idle.get(variant)?.pop(); idle !== undefined; idle = this.#idle.get(variant)?.pop()) {
      if (!idle.closed && !idle.socket.destroyed) return idle
    }
    return Connection.open(this.#ports[variant])
  }

  #keep (variant: Variant, connection: Connection): void {
    const idle = this.#idle.get(variant) ?? []
    this.#idle.set(variant, idle)
    if (idle.length < KEPT_OPEN) idle.push(connection)
    else connection.destroy()
  }
}

/** Whether the server said that it closes the connection. */
function saysGoodbye ({ replies }: Outcome): boolean {
  return replies.at(-1)?.headers.get('connection')?.toLowerCase() === 'close'
}

/** What Fastify writes when Node cannot parse what it got. */
function isUnparsed ({ status, body }: Reply): boolean {
  return [400, 408, 431].includes(status) && body.includes('"statusCode"')
}

function isWhole (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
