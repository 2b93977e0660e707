const NOTHING = new Int32Array(new SharedArrayBuffer(4))

/** Waits with the whole thread, in milliseconds: for what is done while a file is opened, before anything is served. */
export function pause (ms: number): void {
  Atomics.wait(NOTHING, 0, 0, ms)
}
