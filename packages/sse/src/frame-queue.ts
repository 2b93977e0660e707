/** Frames that wait until their reader has taken what came before. */

/** What is passed to the socket at once, in UTF-16 code units. Small enough that a slow reader shows progress. */
export const SLICE_CHARACTERS = 64 * 1024

export class FrameQueue {
  #frames: string[] = []
  /** How much of the first frame was taken. */
  #offset = 0
  #characters = 0

  /** UTF-16 code units that wait. */
  get characters (): number {
    return this.#characters
  }

  get empty (): boolean {
    return this.#characters === 0
  }

  add (frames: string): void {
    if (frames === '') return
    this.#frames.push(frames)
    this.#characters += frames.length
  }

  /** The next slice; small frames are joined, large ones cut, though never within a character. */
  take (): string {
    let slice = ''
    let taken = 0
    while (taken < this.#frames.length && slice.length < SLICE_CHARACTERS) {
      const frame = this.#frames[taken] ?? ''
      const end = boundary(frame, this.#offset + SLICE_CHARACTERS - slice.length)
      slice += frame.slice(this.#offset, end)
      if (end < frame.length) {
        this.#offset = end
        break
      }
      this.#offset = 0
      taken++
    }
    this.#frames.splice(0, taken)
    this.#characters -= slice.length
    return slice
  }

  clear (): void {
    this.#frames = []
    this.#offset = 0
    this.#characters = 0
  }
}

/** Two code units of one character stay together. */
function boundary (text: string, end: number): number {
  if (end >= text.length) return text.length
  const code = text.charCodeAt(end - 1)
  return code >= 0xD800 && code <= 0xDBFF ? end + 1 : end
}
