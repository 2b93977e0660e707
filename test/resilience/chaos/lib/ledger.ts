/** What was asked, what came, and what should not have been. */
import { PATIENCE_MS, PRESENCE_MS } from './settings.ts'

/** The last that is told of a call. */
const MOST_TOLD = 30

/** A call of a tool, under a token that is also its progress token. */
export interface Job {
  readonly token: string
  readonly kind: string
  readonly startedAt: number
  /** Progress notifications a result must have been preceded by. */
  readonly events: number
  received: number
  /** When its stream was first lost. */
  brokenAt: number | null
  settled: boolean
  /** What became of its connections, for people. */
  readonly story: string[]
  /** Ends the call with an error of the client's own. */
  readonly abort: (reason: string) => void
}

export interface Figures {
  requests: number
  results: number
  events: number
  resumes: number
  changes: number
  /** Calls that ended with an error, by what it said. */
  readonly errors: Map<string, number>
  /** From the loss of a stream to the end of its call, milliseconds. */
  longestRecovery: number
}

export class Ledger {
  /** One line for everything that must not happen. */
  readonly violations: string[] = []
  /** Whether every 503 must say when to come back; Fastify's own, while it closes, do not. */
  strict = true
  readonly figures: Figures = { requests: 0, results: 0, events: 0, resumes: 0, changes: 0, errors: new Map(), longestRecovery: 0 }
  readonly #jobs = new Map<string, Job>()
  readonly #presence: () => number
  #count = 0

  /** @param presence For how long there has been somebody to answer, milliseconds: to be slow to start a node is no violation. */
  constructor (presence: () => number = () => performance.now()) {
    this.#presence = presence
  }

  newToken (kind: string): string {
    return `${kind}-${++this.#count}`
  }

  /** Runs one call to its end: the result of `run`, or `null` after an explicit error. */
  async run<T> (kind: string, events: number, run: (token: string, signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const token = this.newToken(kind)
    const controller = new AbortController()
    const abort = (reason: string): void => controller.abort(new Error(reason))
    const job: Job = { token, kind, events, startedAt: performance.now(), received: 0, brokenAt: null, settled: false, story: [], abort }
    this.#jobs.set(token, job)
    this.figures.requests++
    const presence = this.#presence()
    let timer = setTimeout(() => lookAfter(), PATIENCE_MS)
    const lookAfter = (): void => {
      const there = this.#presence() - presence
      if (there < PRESENCE_MS) {
        timer = setTimeout(lookAfter, PRESENCE_MS - there)
        return
      }
      const waited = `${Math.round(performance.now() - job.startedAt)} ms, of which somebody was there for ${Math.round(there)} ms`
      this.violations.push(`${token} neither ended nor failed in ${waited}; ${job.received} of ${events} events came: ${job.story.join('; ')}`)
      abort('gave up waiting')
    }
    try {
      const result = await run(token, controller.signal)
      this.figures.results++
      if (job.received !== events) this.violations.push(`${token} has its result after ${job.received} of ${events} events`)
      return result
    } catch (error) {
      this.#failed(error)
      return null
    } finally {
      clearTimeout(timer)
      job.settled = true
      if (job.brokenAt !== null) this.figures.longestRecovery = Math.max(this.figures.longestRecovery, performance.now() - job.brokenAt)
    }
  }

  /** A progress notification, as it came over the wire. */
  progressed (token: string, progress: number): void {
    const job = this.#jobs.get(token)
    if (job === undefined) return
    this.figures.events++
    if (progress !== job.received + 1) this.violations.push(`${token} got event ${progress} after event ${job.received}`)
    job.received = Math.max(job.received, progress)
  }

  /** The connection of a call broke. */
  broke (token: string): void {
    const job = this.#jobs.get(token)
    if (job === undefined) return
    job.brokenAt ??= performance.now()
    this.tell(token, 'broke')
  }

  /** Something became of a connection of a call. */
  tell (token: string, what: string): void {
    const job = this.#jobs.get(token)
    if (job?.settled !== false) return
    if (job.story.length === MOST_TOLD) job.story.shift()
    job.story.push(`${what} after ${Math.round(performance.now() - job.startedAt)} ms`)
  }

  /** The client lost its place, and nothing can come any more: a server sends an id with the headers of every stream it resumes. */
  forgot (token: string): void {
    if (this.#jobs.get(token)?.settled !== false) return
    this.violations.push(`${token} came back on a connection that broke without an id, so its client waits forever`)
    this.give(token, 'the client forgot its place')
  }

  /** The client can do no more for a call, though it does not say so itself. */
  give (token: string, reason: string): void {
    const job = this.#jobs.get(token)
    if (job?.settled === false) job.abort(reason)
  }

  expect (truth: boolean, otherwise: string): void {
    if (!truth) this.violations.push(otherwise)
  }

  failed (kind: string): void {
    this.figures.errors.set(kind, (this.figures.errors.get(kind) ?? 0) + 1)
  }

  #failed (error: unknown): void {
    this.failed(kindOf(error instanceof Error ? error.message : String(error)))
  }

  /** The figures as lines for people. */
  report (): string[] {
    const { requests, results, events, resumes, changes, errors, longestRecovery } = this.figures
    const kinds = [...errors].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} × ${kind}`)
    return [
      `requests ${requests}, results ${results}, events ${events}, streams resumed ${resumes}, changes heard ${changes}`,
      `longest recovery ${Math.round(longestRecovery)} ms`,
      `errors: ${kinds.length === 0 ? 'none' : kinds.join(', ')}`
    ]
  }
}

/** Messages that differ in details only are of one kind. */
function kindOf (message: string): string {
  const gone = /The node that ran this request is gone/.exec(message)
  if (gone !== null) return 'the node is gone'
  const page = /<title>(.*?)<\/title>/.exec(message)
  return (page?.[1] ?? message.replace(/\{.*\}/s, '').replace(/\s+/g, ' ')).trim().slice(0, 80)
}
