/**
 * What this process has written and the disk does not have yet is lost when the machine stops, and not in the order it was
 * written: the file may be left in a state that LMDB cannot tell from a good one. So a mark lies beside the file while it is
 * in use. It names this run of the machine; one of an earlier run tells that the file cannot be trusted.
 *
 * It says so by its name and is empty: a name is there or not, while content is missing for a moment whenever it is written,
 * and for good where the writer is killed in that moment.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { attempt, isMissing } from './file-check.ts'
import { pause } from './pause.ts'

const MARK = 'in-use.'
const UNCLEAN = 'data.unclean.mdb'

/** Clocks are set; two guesses of when the machine started differ by less than this, in seconds. */
const SAME_START_S = 60
const LOCK_PATIENCE_MS = 5000

/** Within the change that enters this process. The mark is on the disk before anything of that is. */
export function markInUse (folder: string): void {
  if (markedRuns(folder).some(isThisRun)) return
  attempt(folder, () => closeSync(openSync(join(folder, MARK + thisRun()), 'a')))
  bringNamesToDisk(folder)
}

/** Within a change that finds no process entered. */
export function markClean (folder: string): void {
  for (const run of markedRuns(folder)) rmSync(join(folder, MARK + run), { force: true })
}

/** Moves a file aside that was in use when the machine stopped. */
export function leaveUncleanAside (folder: string, file: string): void {
  if (markedRuns(folder).every(isThisRun)) return
  const lock = join(folder, 'recovering')
  takeLock(lock)
  try {
    // Another process may have done it while this one waited.
    if (markedRuns(folder).every(isThisRun)) return
    attempt(file, () => {
      moveAside(file, join(folder, UNCLEAN))
      rmSync(`${file}-lock`, { force: true })
      markClean(folder)
    })
  } finally {
    releaseLock(lock)
  }
  process.emitWarning(
    `the machine stopped while ${file} was in use, so it may be damaged; it lies aside as ${UNCLEAN}, and all sessions start anew`,
    'McpLmdbWarning'
  )
}

/** The runs of the machine in which the file was in use and not closed. */
function markedRuns (folder: string): string[] {
  return readdirSync(folder).filter(name => name.startsWith(MARK)).map(name => name.slice(MARK.length))
}

function isThisRun (marked: string): boolean {
  const run = thisRun()
  return marked === run || (marked !== '' && Math.abs(Number(marked) - Number(run)) < SAME_START_S)
}

/** Names this run of the machine: the kernel's name for it, or the second it started. */
function thisRun (): string {
  return kernelsName() ?? String(Math.round(Date.now() / 1000 - uptime()))
}

function kernelsName (): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Where the system can do that for a folder: Windows cannot, nor can all file systems. */
function bringNamesToDisk (folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {}
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
  for (;;) {
    try {
      return mkdirSync(lock)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      if (Date.now() > deadline) return
      pause(10)
    }
  }
}

/** The folder may be gone: who waited too long takes the lock without making it. */
function releaseLock (lock: string): void {
  try {
    rmdirSync(lock)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
