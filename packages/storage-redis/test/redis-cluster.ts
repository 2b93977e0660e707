import { setTimeout as pause } from 'node:timers/promises'
import { startRedisServer } from './redis-server.ts'
import type { RedisServer } from './redis-server.ts'

const SLOTS = 16_384
const READY_MS = 30_000

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  readonly urls: readonly string[]
  close (): Promise<void>
}

/** Three masters without replicas that share the slots. */
export async function startRedisCluster (): Promise<RedisCluster> {
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': 2000, 'cluster-require-full-coverage': 'no' }
  const nodes = await Promise.all([1, 2, 3].map(() => startRedisServer(settings)))
  const cluster = { nodes, urls: nodes.map(node => node.url), close: async () => { await Promise.all(nodes.map(node => node.close())) } }
  const share = Math.ceil(SLOTS / nodes.length)
  for (const [index, node] of nodes.entries()) {
    const slots = Array.from({ length: Math.min(share, SLOTS - index * share) }, (_, offset) => String(index * share + offset))
    await node.command('CLUSTER', 'ADDSLOTS', ...slots)
    await node.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    for (const other of nodes) await node.command('CLUSTER', 'MEET', '127.0.0.1', String(other.port))
  }
  const deadline = Date.now() + READY_MS
  while (!await agree(nodes)) {
    if (Date.now() > deadline) {
      await cluster.close()
      throw new Error('the cluster did not form')
    }
    await pause(50)
  }
  return cluster
}

/** Every node names an owner for every slot. */
async function agree (nodes: readonly RedisServer[]): Promise<boolean> {
  for (const node of nodes) {
    const info = await node.command('CLUSTER', 'INFO')
    if (!info.includes('cluster_state:ok') || !info.includes(`cluster_slots_ok:${SLOTS}`) || !info.includes(`cluster_known_nodes:${nodes.length}`)) {
      return false
    }
  }
  return true
}
