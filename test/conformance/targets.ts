import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { redisIsMissing, startRedisServer } from '../../packages/storage-redis/test/redis-server.ts'
import { startCluster } from '../chaos/lib/cluster.ts'
import { nginxIsMissing } from '../chaos/lib/programs.ts'
import { startReferenceServer, type ReferenceServer } from './reference-server.ts'
import { suites, type Suite } from './suites.ts'

/** A way to run the reference server. */
export interface Target {
  /** How it is named in our output, and on the command line to choose it. */
  name: string
  suites: readonly Suite[]
  /** Why it cannot be run here; `false` where it can. */
  missing: () => string | false
  start: () => Promise<ReferenceServer>
}

/** Where sessions live says nothing about the era that has none: one suite of each kind is enough. */
const sessionSuites = suites.filter(({ name }) => ['requirements 2025-11-25', 'all 2025-11-25'].includes(name))

export const targets: readonly Target[] = [
  { name: 'memory', suites, missing: () => false, start: () => startReferenceServer() },
  { name: 'lmdb', suites: sessionSuites, missing: () => false, start: onLmdb },
  { name: 'redis', suites: sessionSuites, missing: redisIsMissing, start: onRedis },
  { name: 'three nodes', suites: sessionSuites, missing: () => redisIsMissing() === false ? nginxIsMissing() : redisIsMissing(), start: onThreeNodes }
]

async function onLmdb (): Promise<ReferenceServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'))
  const server = await startReferenceServer({ MCP_STORAGE: `lmdb:${folder}` })
  return { url: server.url, stop: () => server.stop().finally(() => rm(folder, { recursive: true, force: true })) }
}

async function onRedis (): Promise<ReferenceServer> {
  const redis = await startRedisServer()
  try {
    const server = await startReferenceServer({ MCP_STORAGE: redis.url })
    return { url: server.url, stop: () => server.stop().finally(() => redis.close()) }
  } catch (error) {
    await redis.close()
    throw error
  }
}

/** Behind nginx, round-robin: hardly two requests of a session come to the same node. */
async function onThreeNodes (): Promise<ReferenceServer> {
  const redis = await startRedisServer()
  try {
    const cluster = await startCluster(redis.url)
    return { url: cluster.url, stop: () => cluster.close().finally(() => redis.close()) }
  } catch (error) {
    await redis.close()
    throw error
  }
}
