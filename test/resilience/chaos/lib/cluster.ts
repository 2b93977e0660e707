/** Several nodes on one storage, with nginx before them. */
import { startNginx, type Nginx } from './nginx.ts'
import { startNode, type ReferenceNode } from './reference-node.ts'

export interface Cluster {
  readonly nodes: readonly ReferenceNode[]
  readonly nginx: Nginx
  /** Where clients go. */
  readonly url: string
  /** Processes that ended by themselves, as text. */
  accidents (): string[]
  close (): Promise<void>
}

/** @param storage where all nodes find it, or where each of them does */
export async function startCluster (storage: string | readonly string[], size = 3): Promise<Cluster> {
  const each = typeof storage === 'string' ? Array.from({ length: size }, () => storage) : storage
  const nodes = await Promise.all(each.map(storage => startNode({ MCP_STORAGE: storage, MCP_ALLOWED_HOSTS: '127.0.0.1' })))
  const nginx = await startNginx(nodes.map(({ port }) => port))
  return {
    nodes,
    nginx,
    url: nginx.url,
    accidents: () => [...nodes.map(node => node.process), nginx.process].flatMap(process => process.accidents),
    async close () {
      await Promise.all(nodes.map(node => node.kill()))
      await nginx.close()
    }
  }
}
