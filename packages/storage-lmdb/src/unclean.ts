/**
 * What this process has written and the disk does not have yet is lost when the machine stops, and not in the order it was
 * written: the file may be left in a state that LMDB cannot tell from a good one. So a mark lies beside the file while it is
 * in use. It names this run of the machine; one of an earlier run tells that the file cannot be trusted.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { attempt, isMissing } from './file-check.ts'

const MARK = 'in-use'
const UNCLEAN = 'data.unclean.mdb'

/** Clocks are set; two guesses of when the machine started differ by less than this, in seconds. */
const SAME_START_S = 60
const LOCK_PATIENCE_MS = 5000

export function markInUse (folder: string): void {
  attempt(folder, () => writeFileSync(join(folder, MARK), thisRun()))
}

export function markClean (folder: string): void {
  rmSync(join(folder, MARK), { force: true })
}

/** Moves a file aside that was in use when the machine stopped. */
export function leaveUncleanAside (folder: string, file: string): void {
  if (!isOfEarlierRun(folder)) return
  const lock = join(folder, 'recovering')
  takeLock(lock)
  try {
    // Another process may have done it while this one waited.
    if (!isOfEarlierRun(folder)) return
    attempt(file, () => {
      moveAside(file, join(folder, UNCLEAN))
      rmSync(`${file}-lock`, { force: true })
      markInUse(folder)
    })
  } finally {
    rmdirSync(lock)
  }
  process.emitWarning(
    `the machine stopped while ${file} was in use, so it may be damaged; it lies aside as ${UNCLEAN}, and all sessions start anew`,
    'McpLmdbWarning'
  )
}

function isOfEarlierRun (folder: string): boolean {
  const mark = readText(join(folder, MARK))
  if (mark === undefined) return false
  const now = thisRun()
  const [markedStart, start] = [Number(mark), Number(now)]
  return Number.isNaN(start) ? mark !== now : !(Math.abs(markedStart - start) < SAME_START_S)
}

/** Names this run of the machine: the kernel's name for it, or the second it started. */
function thisRun (): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? String(Math.round(Date.now() / 1000 - uptime()))
}

function readText (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function moveAside (from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** A folder is made by one process only. One left behind by a process that died meanwhile is not waited for for long. */
function takeLock (lock: string): void {
  const deadline = Date.now() + LOCK_PATIENCE_MS
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    try {
      return mkdirSync(lock)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (Date.now() > deadline) return
      Atomics.wait(pause, 0, 0, 10)
    }
  }
}
