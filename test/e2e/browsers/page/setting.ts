/** What a scenario works with, and how it speaks to the test. */
import { connectHttp, type Connection } from '@mcp/client/browser'
import type { Kind } from './names.ts'

export interface Setting {
  readonly kind: Kind
  /** The server's origin, which is not the page's, through a wire that the test can cut. */
  readonly server: string
}

export function urlOf ({ kind, server }: Setting): string {
  return `${server}${kind === 'http+sse' ? '/sse' : '/mcp'}`
}

/** What a scenario saw; the test judges it. */
export type Facts = Readonly<Record<string, unknown>>
export type Scenario = (setting: Setting) => Promise<Facts>

/** Everything is faster here than in life, so that tests are. */
export const RECONNECT = { initialMs: 10, maxMs: 100, attempts: 10_000 }

/** What a connection says on its own. */
export class Log {
  readonly progress: number[] = []
  readonly notifications: string[] = []
  readonly errors: string[] = []
  readonly states: string[] = []
  sessions = 0
  readonly #waiting = new Set<() => void>()

  /** Waits until something heard makes it true. */
  async until (condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => this.#waiting.add(resolve))
  }

  heard (): void {
    const woken = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of woken) resolve()
  }
}

export interface Connected {
  readonly connection: Connection
  readonly log: Log
}

/** @param pinned Whether the client is told what the server speaks; otherwise it finds out. */
export async function connect (setting: Setting, pinned = true): Promise<Connected> {
  const log = new Log()
  const connection = await connectHttp(urlOf(setting), {
    ...(pinned && { pin: setting.kind }),
    verdicts: null,
    reconnect: RECONNECT,
    onError: error => { log.errors.push(error.message) },
    onNotification: ({ method, params }) => {
      if (method === 'notifications/progress') log.progress.push(Number(params?.progress))
      else log.notifications.push(method)
      log.heard()
    }
  })
  connection.transport.onsession = () => {
    log.sessions++
    log.heard()
  }
  connection.transport.onstate = state => {
    log.states.push(state)
    log.heard()
  }
  return { connection, log }
}

/** The text of a tool's result. */
export async function call (connection: Connection, name: string, args: object = {}, signal?: AbortSignal): Promise<string> {
  const params = { name, arguments: { ...args }, _meta: { progressToken: name } }
  const { content } = await connection.request('tools/call', params, signal === undefined ? {} : { signal })
  return (content as Array<{ text: string }>).map(({ text }) => text).join()
}

/** Asks the test to do something: to cut, to forget a session. */
export async function tell (what: string, about: object = {}): Promise<void> {
  const response = await fetch('/tell', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ what, ...about })
  })
  if (!response.ok) throw new Error(`the test could not ${what}: ${await response.text()}`)
}

interface Thrown {
  readonly message: string
  readonly code?: string
  readonly rpc?: object
  readonly attempts?: ReadonlyArray<{ readonly what: string, readonly error: Error }>
}

/** An error as facts: what was thrown, and what it says it is. */
export function told (error: unknown): Facts {
  const { message, code, rpc, attempts } = error as Thrown
  return {
    message,
    code,
    ...(rpc !== undefined && { rpc }),
    ...(attempts !== undefined && attempts.length > 0 && { attempts: attempts.map(({ what, error }) => `${what}: ${error.message}`) })
  }
}

export function failure (promise: Promise<unknown>): Promise<Facts> {
  return promise.then(value => ({ message: `no error, but ${JSON.stringify(value)}` }), told)
}
