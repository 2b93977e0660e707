import { Type } from '@sinclair/typebox'
import { checkOptions, DEFAULT_EVENT_BOUNDS, DEFAULT_STORAGE_BUDGET, hasMethods, MCP_STORAGE_BAD_OPTION, Opaque } from '@mcp/storage'
import { parseRedisUrl } from './address.ts'
import { warningLog } from './outage.ts'
import type { EventBounds, StorageBudget } from '@mcp/storage'
import type { RedisOptions } from 'ioredis'
import type { StorageLog } from './outage.ts'

const TIMEOUT_MS = 2000

/** What the storage decides itself, because its promises depend on it. */
type Reserved = 'keyPrefix' | 'enableOfflineQueue' | 'autoResendUnfulfilledCommands' | 'autoResubscribe' | 'maxRetriesPerRequest' |
  'commandTimeout' | 'socketTimeout' | 'lazyConnect' | 'enableAutoPipelining' | 'retryStrategy' | 'reconnectOnError' | 'scripts' |
  'replyMapping' | 'monitor' | 'readOnly' | 'stringNumbers'

/** Options of the client `ioredis`: host, port, username, password, db, tls, sentinels, name, path, … */
export type RedisClientOptions = Omit<RedisOptions, Reserved>

const RESERVED: Record<Reserved, true> = {
  keyPrefix: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: true,
  autoResubscribe: true,
  maxRetriesPerRequest: true,
  commandTimeout: true,
  socketTimeout: true,
  lazyConnect: true,
  enableAutoPipelining: true,
  retryStrategy: true,
  reconnectOnError: true,
  scripts: true,
  replyMapping: true,
  monitor: true,
  readOnly: true,
  stringNumbers: true
}

const UrlSchema = {
  ...Opaque<string>('a URL like redis://user:password@host:6379/0, or rediss:// for TLS', isRedisUrl),
  // It may carry a password: never repeated in an error.
  writeOnly: true
}

const RedisStorageOptionsSchema = Type.Object({
  url: Type.Optional(UrlSchema),
  client: Type.Optional(Opaque<RedisClientOptions>(
    `an object with options of ioredis, without ${Object.keys(RESERVED).join(', ')}`, isClientOptions)),
  cluster: Type.Optional(Opaque<true | readonly string[]>('true (start at the url) or an array of URLs to start at', isCluster)),
  keyPrefix: Type.String({ minLength: 1, default: 'mcp:' }),
  events: Type.Object({
    maxEvents: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxEvents }),
    maxBytes: Type.Integer({ minimum: 0, default: DEFAULT_EVENT_BOUNDS.maxBytes }),
    maxAgeMs: Type.Number({ exclusiveMinimum: 0, default: DEFAULT_EVENT_BOUNDS.maxAgeMs })
  }, { additionalProperties: false, default: {} }),
  budget: Type.Object({
    bytes: Type.Integer({ minimum: 1024, default: DEFAULT_STORAGE_BUDGET.bytes }),
    bytesPerOwner: Type.Integer({ minimum: 1024, default: DEFAULT_STORAGE_BUDGET.bytesPerOwner })
  }, { additionalProperties: false, default: {} }),
  timeoutMs: Type.Integer({ minimum: 50, maximum: 60_000, default: TIMEOUT_MS }),
  log: Type.Optional(Opaque<StorageLog>('a logger with the methods info and error', value => hasMethods(value, 'info', 'error')))
}, { additionalProperties: false })

/** Where Redis is and how the storage uses it. */
export interface RedisStorageOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://…` for TLS. By default `redis://127.0.0.1:6379`. */
  readonly url?: string
  /** What a URL cannot say: certificates, Sentinels, a socket path, … These win over the URL. */
  readonly client?: RedisClientOptions
  /** Redis Cluster: more URLs to start at, or `true` where the one in `url` suffices. Credentials and TLS are those of the first. */
  readonly cluster?: true | readonly string[]
  /** Begins every key and channel. A prefix with a hash tag (`{mcp}:`) keeps everything in one slot. By default `mcp:`. */
  readonly keyPrefix?: string
  /** What is kept of each session's events. By default 1,000 events, 4 MiB, 10 minutes. */
  readonly events?: Partial<EventBounds>
  /** What all sessions and events may take, in bytes: by default 256 MiB, of which one caller may take 64 MiB. */
  readonly budget?: Partial<StorageBudget>
  /** How long a call waits for Redis before it is refused, in milliseconds. By default 2,000. */
  readonly timeoutMs?: number
  /** Told once when Redis is out of reach and once when it is back; a Fastify logger fits. By default a process warning. */
  readonly log?: StorageLog
}

export interface CheckedOptions {
  /** Clusters: the first node to start at. */
  readonly client: RedisClientOptions
  /** `null`: standalone or Sentinel. */
  readonly cluster: ReadonlyArray<{ host: string, port: number }> | null
  readonly keyPrefix: string
  readonly events: EventBounds
  readonly budget: StorageBudget
  readonly timeoutMs: number
  readonly log: StorageLog
}

/** @throws `MCP_STORAGE_BAD_OPTION` */
export function optionsFrom (options: RedisStorageOptions): CheckedOptions {
  const { url, client, cluster, log = warningLog, ...rest } = checkOptions(RedisStorageOptionsSchema, options,
    sentence => new MCP_STORAGE_BAD_OPTION('redisStorage', sentence))
  const starts = [url, ...(Array.isArray(cluster) ? cluster : [])]
    .map(text => text === undefined ? null : parseRedisUrl(text))
    .filter(address => address !== null)
  const first = { ...(starts[0] ?? { host: '127.0.0.1', port: 6379 }), ...client }
  if (cluster !== undefined && first.sentinels !== undefined) {
    throw new MCP_STORAGE_BAD_OPTION('redisStorage', 'option "cluster" and option "client.sentinels" exclude each other')
  }
  const nodes = starts.length > 0 ? starts : [{ host: first.host ?? '127.0.0.1', port: first.port ?? 6379 }]
  return { ...rest, log, client: first, cluster: cluster === undefined ? null : nodes.map(({ host, port }) => ({ host, port })) }
}

function isRedisUrl (value: unknown): boolean {
  return typeof value === 'string' && parseRedisUrl(value) !== null
}

function isClientOptions (value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.keys(value).some(name => Object.hasOwn(RESERVED, name))
}

function isCluster (value: unknown): boolean {
  return value === true || (Array.isArray(value) && value.length > 0 && value.every(isRedisUrl))
}
