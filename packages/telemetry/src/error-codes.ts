/** JSON-RPC error codes as labels. */

/** What the conventions call an error that has no name. */
const FALLBACK = '_OTHER'
const MOST = 40

/** The first codes that occur keep their number; an application that makes up more of them shares one label for those. */
export class ErrorCodes {
  readonly #labels = new Map<number, string>()

  label (code: number): string {
    const known = this.#labels.get(code)
    if (known !== undefined) return known
    if (this.#labels.size >= MOST) return FALLBACK
    const label = String(code)
    this.#labels.set(code, label)
    return label
  }
}
