import { Redis } from 'ioredis'
import { ticker } from '@mcp/storage'
import { limitArguments } from './event-scripts.ts'
import { commandClient, describeTarget, subscriberClient } from './clients.ts'
import { Keys } from './keys.ts'
import { Link } from './link.ts'
import { optionsFrom } from './options.ts'
import { Outage } from './outage.ts'
import { RedisBus } from './redis-bus.ts'
import { RedisEvents } from './redis-events.ts'
import { RedisNodes } from './redis-nodes.ts'
import { RedisSessions } from './redis-sessions.ts'
import { SpreadBudget } from './spread-budget.ts'
import { SpreadSessions } from './spread-sessions.ts'
import type { Storage } from '@mcp/storage'
import type { RedisStorageOptions } from './options.ts'

/** How often connections that may be silent for long are asked whether they still answer. */
const PING_MS = 5000

/** For how many times `timeoutMs` Redis must reject nothing until it counts as well again. */
const QUIET_TIMEOUTS = 3

/** A storage whose methods all answer with promises, and whose bus tells when it may have lost messages. */
export interface RedisStorage extends Storage {
  readonly sessions: RedisSessions
  readonly events: RedisEvents
  readonly bus: RedisBus
  readonly nodes: RedisNodes
}

/**
 * Sessions and events in Redis ≥ 6.2 or Valkey: shared by all nodes, as durable as that Redis is. It connects at once and
 * again whenever the connection breaks.
 *
 * While Redis is out of reach, calls reject with `MCP_STORAGE_UNAVAILABLE` (503) after `timeoutMs` at most. Such a call may
 * have taken effect or not; nothing is ever sent twice.
 *
 * @throws `MCP_STORAGE_BAD_OPTION`
 */
export function redisStorage (options: RedisStorageOptions = {}): RedisStorage {
  const checked = optionsFrom(options)
  const { timeoutMs, events: bounds, log } = checked
  const keys = new Keys(checked.keyPrefix)
  const outage = new Outage(log, describeTarget(checked), QUIET_TIMEOUTS * timeoutMs)
  const client = commandClient(checked)
  const isCluster = !(client instanceof Redis)
  const link = new Link(client, outage, timeoutMs, checked.keyPrefix)
  const bus = new RedisBus({
    // Channels are shared by all databases of a server, keys are not.
    prefix: `${checked.keyPrefix}bus:${checked.client.db ?? 0}:`,
    keyPrefix: checked.keyPrefix,
    timeoutMs,
    connect: () => subscriberClient(checked, client),
    whenStoreAnswers: listener => link.whenOpen(listener),
    async publish (channel, message) {
      if (!isCluster) return link.command(redis => redis.publish(channel, message))
      // In a cluster, messages of one channel keep their order only when they enter it at one node, which counts its own listeners alone.
      await link.run('mcpPublish', [channel], message)
      return undefined
    }
  }, outage)
  const stopPinging = ticker.every(PING_MS, () => {
    link.ping()
    bus.ping()
  })
  const limits = limitArguments(keys.accounts, checked.budget, bounds)
  const spread = isCluster && !keys.areInOneSlot ? new SpreadBudget(link, keys, limits) : null
  return {
    name: 'redis',
    sessions: spread === null ? new RedisSessions(link, keys, limits) : new SpreadSessions(link, keys, limits, spread),
    events: new RedisEvents(link, keys, bounds, limits, spread),
    bus,
    nodes: new RedisNodes(link, keys),
    async close () {
      stopPinging()
      outage.end()
      bus.close()
      await link.close()
    }
  }
}
