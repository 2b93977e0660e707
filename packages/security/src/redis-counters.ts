import type { Count, Counters } from './counters.ts'

/** What is used of an `ioredis` client, standalone or cluster. */
export interface RedisClient {
  readonly status: string
  defineCommand (name: string, definition: { numberOfKeys: number, lua: string }): void
}

/** What is told of Redis. A Fastify logger fits. */
export interface CountersLog {
  info (details: object, text: string): void
  error (details: object, text: string): void
}

type Hit = (key: string, windowMs: number) => Promise<unknown>

/** One key a call, so that it works in a cluster. A key without an end (a crash cannot leave one, a hand can) gets one. */
const HIT = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if count == 1 or left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { count, left }`

const COMMAND = 'mcpSecurityHit'
/** How long a request may wait for Redis. */
const PATIENCE_MS = 250
/** After a failure Redis is asked again no sooner than this. */
const PAUSE_MS = 1000

/**
 * Counts shared by every node that has the same Redis and prefix. While Redis does not answer, this node counts for itself:
 * limits are then looser by the number of nodes, and nobody is turned away for want of Redis.
 */
export class RedisCounters implements Counters {
  readonly #client: RedisClient
  readonly #prefix: string
  readonly #local: Counters
  readonly #log: CountersLog
  #hit: Hit
  #silentUntil = 0
  #lost = false

  constructor (client: RedisClient, prefix: string, local: Counters, log: CountersLog) {
    this.#client = client
    this.#prefix = prefix
    this.#local = local
    this.#log = log
    client.defineCommand(COMMAND, { numberOfKeys: 1, lua: HIT })
    this.#hit = Reflect.get(client, COMMAND) as Hit
  }

  hit (key: string, windowMs: number): Count | Promise<Count> {
    // A client that is not connected would keep the command until it is, however long that takes.
    if (this.#client.status !== 'ready' || performance.now() < this.#silentUntil) {
      if (this.#client.status !== 'ready') this.#noteLost(`the connection is ${this.#client.status}`)
      return this.#local.hit(key, windowMs)
    }
    return this.#ask(key, windowMs)
  }

  async #ask (key: string, windowMs: number): Promise<Count> {
    try {
      const count = countFrom(await withinPatience(this.#hit.call(this.#client, this.#prefix + key, windowMs)))
      this.#noteBack()
      return count
    } catch (error) {
      this.#silentUntil = performance.now() + PAUSE_MS
      this.#noteLost(error instanceof Error ? error.message : String(error))
      return this.#local.hit(key, windowMs)
    }
  }

  #noteLost (reason: string): void {
    if (this.#lost) return
    this.#lost = true
    this.#log.error({ reason }, 'rate limits are no longer shared: Redis does not answer; until it does, this node counts for itself')
  }

  #noteBack (): void {
    if (!this.#lost) return
    this.#lost = false
    this.#log.info({}, 'rate limits are shared again')
  }
}

function countFrom (reply: unknown): Count {
  const [count, leftMs] = Array.isArray(reply) ? reply.map(Number) : []
  if (count === undefined || leftMs === undefined || Number.isNaN(count + leftMs)) throw new Error('Redis answered something else than a count')
  return { count, leftMs }
}

async function withinPatience<T> (answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
