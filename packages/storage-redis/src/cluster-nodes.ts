import type { Cluster, Redis } from 'ioredis'
import type { Outage } from './outage.ts'

/** Tells of single nodes that are lost while the rest of the cluster goes on. */
export function watchNodes (cluster: Cluster, outage: Outage): void {
  const lost = new Set<string>()
  const back = (address: string) => {
    if (lost.delete(address)) outage.back(address)
  }
  cluster.on('node error', (error: Error, address: string) => {
    lost.add(address)
    outage.lost(address, `node ${address}: ${error.message}`)
  })
  cluster.on('+node', (node: Redis) => {
    node.on('ready', () => back(addressOf(node)))
  })
  // A node that lost its slots to another is no longer missed.
  cluster.on('refresh', () => {
    const known = new Set(cluster.nodes().map(addressOf))
    for (const address of [...lost]) {
      if (!known.has(address)) back(address)
    }
  })
}

function addressOf ({ options }: Redis): string {
  return `${options.host}:${options.port}`
}
