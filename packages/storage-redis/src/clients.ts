import { Cluster, Redis } from 'ioredis'
import { scripts } from './scripts.ts'
import { replyCode } from './unavailable.ts'
import type { RedisOptions } from 'ioredis'
import type { CheckedOptions } from './options.ts'

const MAX_RETRY_MS = 1000

/** Pause before the `attempt`-th try to connect again, in milliseconds. */
export function retryDelay (attempt: number): number {
  return Math.min(50 * 2 ** (attempt - 1), MAX_RETRY_MS)
}

/**
 * What every connection has in common. Nothing is ever sent twice: a command whose connection broke may have taken effect,
 * and an event appended again would be an event doubled.
 */
function common ({ client, timeoutMs }: CheckedOptions): Omit<RedisOptions, 'replyMapping'> & { replyMapping: 'legacy' } {
  return {
    ...client,
    replyMapping: 'legacy',
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A connection that no longer answers is given up, so that the next one can be tried.
    socketTimeout: timeoutMs,
    disconnectTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // A server that became a replica in a failover: look for the new master.
    reconnectOnError: error => replyCode(error) === 'READONLY'
  }
}

/** The client for commands. */
export function commandClient (options: CheckedOptions): Redis | Cluster {
  if (options.cluster === null) {
    return new Redis({ ...common(options), scripts, enableOfflineQueue: false, retryStrategy: retryDelay })
  }
  const { host, port, path, sentinels, retryStrategy, ...redisOptions } = common(options)
  return new Cluster([...options.cluster], {
    scripts,
    redisOptions,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: options.timeoutMs,
    // Would send a command again whose connection broke.
    retryDelayOnFailover: 0
  })
}

/** A fresh connection for subscriptions; it connects at once and never again. In a cluster, to any node `commands` knows. */
export function subscriberClient (options: CheckedOptions, commands: Redis | Cluster): Redis {
  const own = { ...common(options), enableOfflineQueue: false, retryStrategy: () => null }
  if (options.cluster === null) return new Redis(own)
  const known = commands instanceof Cluster ? commands.nodes('all').map(node => node.options) : []
  const nodes = known.length > 0 ? known : options.cluster
  const { host = '127.0.0.1', port = 6379 } = nodes[Math.floor(Math.random() * nodes.length)] ?? {}
  return new Redis({ ...own, host, port })
}

/** For logs; without credentials. */
export function describeTarget ({ client, cluster }: CheckedOptions): string {
  if (cluster !== null) return `cluster ${cluster.map(({ host, port }) => `${host}:${port}`).join(', ')}`
  if (client.sentinels !== undefined) return `sentinel ${client.name ?? ''}`
  return client.path ?? `${client.host}:${client.port}`
}
