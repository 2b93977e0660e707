import type { StorageLog } from '../src/index.ts'

/** A log that keeps its lines as `level text`. */
export function recordingLog (): StorageLog & { readonly lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    info: (_details, text) => { lines.push(`info ${text}`) },
    error: (_details, text) => { lines.push(`error ${text}`) }
  }
}

/** Asks until the answer is yes; throws after 20 seconds. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!await condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** Whether the call is answered rather than refused. */
export async function answers (call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return true
  } catch {
    return false
  }
}
