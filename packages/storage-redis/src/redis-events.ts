import type { EventBounds, EventPage, EventStore, StreamOwner } from '@mcp/storage'
import type { Keys } from './keys.ts'
import type { SpreadBudget } from './spread-budget.ts'
import type { Link } from './link.ts'

/** Stream events in Redis. Each call is one script, one round trip. */
export class RedisEvents implements EventStore {
  readonly #link: Link
  readonly #keys: Keys
  readonly #maxBytes: number
  readonly #limits: ReadonlyArray<string | number>
  readonly #spread: SpreadBudget | null

  /**
   * @param limits see `limitArguments`.
   * @param spread where sessions and what they are charged to do not share a slot.
   */
  constructor (link: Link, keys: Keys, { maxBytes }: EventBounds, limits: ReadonlyArray<string | number>, spread: SpreadBudget | null) {
    this.#spread = spread
    this.#link = link
    this.#keys = keys
    this.#maxBytes = maxBytes
    this.#limits = spread?.sessionLimits ?? limits
  }

  async open (session: string, stream: string, owner: StreamOwner): Promise<void> {
    const text = JSON.stringify({ node: owner.node, requestIds: owner.requestIds })
    await this.#settle(session, await this.#link.run('mcpOpenStream', this.#keysOf(session), ...this.#arguments(session, stream), text))
  }

  async append (session: string, stream: string, messages: readonly string[], ended: boolean, after?: number): Promise<number> {
    const args = this.#arguments(session, stream)
    const { unsent, sent } = withoutTooLarge(messages, this.#maxBytes)
    const answer = await this.#link.run('mcpAppendEvents', this.#keysOf(session), ...args, ended ? 1 : 0, after ?? '', unsent, ...sent)
    if (!Array.isArray(answer)) return Number(answer)
    const [position, ...charge]: unknown[] = answer
    await this.#settle(session, charge)
    return Number(position)
  }

  async read (session: string, stream: string, after: number, limit: number): Promise<EventPage | null> {
    if (!Number.isSafeInteger(after)) return null
    const answer = await this.#link.ask('mcpReadEvents', this.#keysOf(session), ...this.#arguments(session, stream), after, limit)
    return answer === null ? null : pageFrom(answer, after)
  }

  async deleteSession (session: string): Promise<void> {
    await this.#settle(session, await this.#link.run('mcpDeleteEvents', this.#keysOf(session), ...this.#arguments(session, '')))
  }

  #settle (session: string, charge: unknown): Promise<void> | undefined {
    return Array.isArray(charge) ? this.#spread?.settle(this.#keys.tag(session), charge) : undefined
  }

  #keysOf (session: string): [log: string, runs: string, session: string] {
    return [this.#keys.log(session), this.#keys.runs(session), this.#keys.session(session)]
  }

  #arguments (session: string, stream: string): Array<string | number> {
    return [...this.#limits, stream, this.#keys.streams(session)]
  }
}

/**
 * A message larger than `maxBytes` is counted and not kept. Sending hundreds of megabytes for that would take longer than a call may, and
 * hold up every other call on the connection.
 */
function withoutTooLarge (messages: readonly string[], maxBytes: number): { unsent: number, sent: readonly string[] } {
  // A UTF-16 code unit takes three bytes at most.
  if (messages.every(message => message.length * 3 <= maxBytes)) return { unsent: 0, sent: messages }
  let unsent = 0
  const sent = messages.map(message => {
    const bytes = Buffer.byteLength(message)
    if (bytes <= maxBytes) return message
    unsent += bytes
    return ''
  })
  return { unsent, sent }
}

function pageFrom (answer: unknown, after: number): EventPage {
  const [last, ended, owner, messages]: unknown[] = Array.isArray(answer) ? answer : []
  if (typeof owner !== 'string' || !Array.isArray(messages)) throw new TypeError('the stored events have an unknown shape')
  return {
    events: messages.map((message, index) => ({ position: after + 1 + index, message: String(message) })),
    ended: ended === 1 && after + messages.length === last,
    owner: JSON.parse(owner)
  }
}
