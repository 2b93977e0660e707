import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { redisIsMissing, startRedisServer } from '../../packages/storage-redis/test/redis-server.ts'
import { startCluster } from '../resilience/chaos/lib/cluster.ts'
import { nginxIsMissing } from '../resilience/chaos/lib/programs.ts'
import { startClient } from './client/client.ts'
import { startReferenceServer, type ReferenceServer } from './reference-server.ts'
import { clientRequirements, clientSuites, suites, type Suite } from './suites.ts'

/** Something that runs and can be judged. */
export interface Judged {
  /** The first arguments of the official CLI: what it is, and where. */
  args: readonly string[]
  stop: () => Promise<void>
}

/** A way to run the reference server, or the client. */
export interface Target {
  /** How it is named in our output, and on the command line to choose it. */
  name: string
  suites: readonly Suite[]
  /** Why it cannot be run here; `false` where it can. */
  missing: () => string | false
  start: () => Promise<Judged>
}

/** Where sessions live says nothing about the era that has none; and of the other one, this has every scenario. */
const sessionSuites = suites.filter(({ name }) => name === 'all 2025-11-25')

export const targets: readonly Target[] = [
  { name: 'memory', suites, missing: () => false, start: () => server(startReferenceServer()) },
  { name: 'sqlite', suites: sessionSuites, missing: () => false, start: () => server(onSqlite()) },
  { name: 'redis', suites: sessionSuites, missing: redisIsMissing, start: () => server(onRedis()) },
  { name: 'three nodes', suites: sessionSuites, missing: () => redisIsMissing() === false ? nginxIsMissing() : redisIsMissing(), start: () => server(onThreeNodes()) },
  { name: 'client', suites: clientSuites, missing: () => false, start: startClient },
  { name: 'client requirements', suites: clientRequirements, missing: () => false, start: startClient }
]

/** A server that runs, at its URL. */
export async function server (starting: Promise<ReferenceServer>): Promise<Judged> {
  const { url, stop } = await starting
  return { args: ['server', '--url', url], stop }
}

async function onSqlite (): Promise<ReferenceServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'))
  const server = await startReferenceServer({ MCP_STORAGE: `sqlite:${folder}` })
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
