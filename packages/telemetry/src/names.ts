/** Words a client may choose and a label may not take from it: what is unknown counts together (H-20). */

/** Stands for every word that is not known. */
export const OTHER = 'other'

/** Longer ones are no labels. */
const LONGEST = 128

/**
 * Names somebody trustworthy used: tools an application listed, or answered for. At most so many; later ones stay unknown, so that an
 * application that answers for everything does no harm either.
 */
export class KnownNames {
  readonly #names: Set<string>
  readonly #most: number

  constructor (most: number, names: Iterable<string> = []) {
    this.#names = new Set(names)
    this.#most = Math.max(most, this.#names.size)
  }

  learn (name: unknown): void {
    if (typeof name !== 'string' || name.length > LONGEST || this.#names.size >= this.#most) return
    this.#names.add(name)
  }

  knows (name: string): boolean {
    return this.#names.has(name)
  }

  label (name: string): string {
    return this.#names.has(name) ? name : OTHER
  }
}
