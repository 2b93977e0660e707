import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'

/**
 * Calls `onChange` soon after another process has written to `file`. Best effort: where the system cannot watch the file, nothing is
 * called, so the caller must also look by itself from time to time.
 */
export class FileWatch {
  readonly #file: string
  readonly #onChange: () => void
  #watcher: FSWatcher | undefined

  constructor (file: string, onChange: () => void) {
    this.#file = file
    this.#onChange = onChange
  }

  get active (): boolean {
    return this.#watcher !== undefined
  }

  start (): void {
    if (this.#watcher !== undefined) return
    try {
      const watcher = watch(this.#file, { persistent: false }, this.#onChange)
      watcher.on('error', () => this.stop())
      this.#watcher = watcher
    } catch {
      // Too many watches in this system, or a file system without them.
    }
  }

  stop (): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
