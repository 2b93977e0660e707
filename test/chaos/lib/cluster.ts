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

export async function startCluster (storage: string, size = 3): Promise<Cluster> {
  const nodes = await Promise.all(Array.from({ length: size }, () => startNode({ MCP_STORAGE: storage })))
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
