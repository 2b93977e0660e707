import { signal } from '@preact/signals'
import type { NodeStatus } from '../contract.d.ts'
import { ratesBetween, type Rates } from './rates.ts'

/** Between two looks, milliseconds. */
const EVERY_MS = 1_000
/** Looks the charts show. */
const KEPT = 60

/** What went wrong, as far as it matters to who looks. */
export type Refused = 'credential' | 'elsewhere' | 'unreachable'

/** Looks at the node once a second, while somebody watches. */
export class NodeWatch {
  readonly status = signal<NodeStatus | null>(null)
  readonly rates = signal<readonly Rates[]>([])
  readonly refused = signal<Refused | null>(null)
  readonly #url: string
  readonly #token: () => string
  #timer: ReturnType<typeof setTimeout> | undefined
  #watching = false

  constructor (url: string, token: () => string) {
    this.#url = url
    this.#token = token
  }

  /** @returns What stops it. */
  start (): () => void {
    this.#watching = true
    this.#begin()
    return () => {
      this.#watching = false
      clearTimeout(this.#timer)
    }
  }

  /** What cannot be read is looked at again, as the unreachable is. */
  #begin (): void {
    this.#look().catch(() => {
      this.refused.value = 'unreachable'
      if (this.#watching) this.#timer = setTimeout(() => this.#begin(), EVERY_MS)
    })
  }

  async #look (): Promise<void> {
    // Nobody looks at a page in the background.
    if (document.visibilityState === 'visible') this.#took(await this.#ask())
    if (this.#watching) this.#timer = setTimeout(() => this.#begin(), EVERY_MS)
  }

  async #ask (): Promise<NodeStatus | Refused> {
    const token = this.#token()
    try {
      const response = await fetch(this.#url, { cache: 'no-store', headers: token === '' ? {} : { authorization: `Bearer ${token}` } })
      if (response.ok) return await response.json()
      return response.headers.has('www-authenticate') ? 'credential' : 'elsewhere'
    } catch {
      return 'unreachable'
    }
  }

  #took (answer: NodeStatus | Refused): void {
    if (typeof answer === 'string') {
      this.refused.value = answer
      return
    }
    const before = this.status.value
    const rates = before === null || this.refused.value !== null ? null : ratesBetween(before, answer)
    this.refused.value = null
    this.status.value = answer
    if (rates !== null) this.rates.value = [...this.rates.value, rates].slice(-KEPT)
  }
}
