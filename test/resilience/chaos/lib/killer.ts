/** Kills nodes and starts them again, at random moments. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from './random.ts'
import type { ReferenceNode } from './reference-node.ts'

export interface KillerOptions {
  readonly kills: number
  /** Nodes that are left alive. */
  readonly survivors: number
  /** Every so many kills, `cut` is called too: it breaks connections and leaves the nodes alone. */
  readonly cutEvery?: number
  readonly cut?: () => Promise<void>
  /** Told after every twentieth kill: a long run should show that it goes on. */
  readonly onProgress?: (kills: number) => void
}

const PROGRESS_EVERY = 20

/** Resolves when the last killed node is back. */
export async function killAtRandom (nodes: readonly ReferenceNode[], random: Random, options: KillerOptions): Promise<void> {
  const { kills, survivors, cutEvery = Infinity, cut, onProgress } = options
  const away = new Map<ReferenceNode, Promise<void>>()
  for (let kill = 1; kill <= kills; kill++) {
    while (nodes.length - away.size <= survivors && away.size > 0) await Promise.race(away.values())
    await sleep(random.between(400, 2_000))
    const victim = random.pick(nodes.filter(node => !away.has(node)))
    await victim.kill()
    const back = comeBack(victim, random.between(0, 500)).then(() => { away.delete(victim) })
    // Whether it failed is asked below.
    back.catch(() => {})
    away.set(victim, back)
    if (cut !== undefined && kill % cutEvery === 0) await cut()
    if (kill % PROGRESS_EVERY === 0) onProgress?.(kill)
  }
  await Promise.all(away.values())
}

async function comeBack (node: ReferenceNode, afterMs: number): Promise<void> {
  await sleep(afterMs)
  await node.start()
}
