import type { NodeRegistry } from './contract.ts'

/** Nodes in a map: of one process as a rule, of several in tests. */
export class MemoryNodes implements NodeRegistry {
  readonly #until = new Map<string, number>()

  beat (node: string, ttlMs: number): void {
    this.#until.set(node, performance.now() + ttlMs)
  }

  leave (node: string): void {
    this.#until.delete(node)
  }

  alive (node: string): boolean {
    return (this.#until.get(node) ?? 0) > performance.now()
  }

  sweep (): void {
    for (const node of this.#until.keys()) {
      if (!this.alive(node)) this.#until.delete(node)
    }
  }
}
