/** A connected client of one of the official SDKs, in the words the tests use. */
import type { Client as ClientV2 } from '@modelcontextprotocol/client'
import type { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { isObject, type JsonObject, type Revision } from '@mcp/protocol'
import { faultsOf } from './judge.ts'
import type { Wire } from './wire.ts'

/** What the client answers when it is asked; gets the params of the request. */
export interface Answers {
  elicitation?: (params: JsonObject) => JsonObject | Promise<JsonObject>
  sampling?: (params: JsonObject) => JsonObject | Promise<JsonObject>
  roots?: () => JsonObject
}

export interface PeerOptions {
  readonly answers?: Answers
  /** Default: elicitation with defaults, sampling and roots. */
  readonly capabilities?: JsonObject
  /** Goes on with a session that another transport opened. */
  readonly session?: { readonly id: string, readonly revision: Revision }
}

export interface Progress {
  progress: number
  total?: number | undefined
}

export interface CallOptions {
  signal?: AbortSignal
  onprogress?: (progress: Progress) => void
  resetTimeoutOnProgress?: boolean
  timeout?: number
}

export interface Peer {
  /** For what both clients call alike. */
  readonly client: ClientV1 | ClientV2
  /** The same, where it is one of version 2. */
  readonly v2: ClientV2 | null
  readonly transport: { readonly sessionId?: string | undefined, terminateSession (): Promise<void> }
  readonly wire: Wire
  readonly revision: string
  readonly notifications: Inbox
  readonly errors: Error[]
  call (name: string, args?: JsonObject, options?: CallOptions, meta?: JsonObject): Promise<JsonObject>
  close (): Promise<void>
}

export type Notice = { method: string, params?: JsonObject | undefined }

/** Notifications as they come. */
export class Inbox {
  readonly all: Notice[] = []
  #waiting: Array<() => void> = []

  readonly put = async (notice: { method: string, params?: unknown }): Promise<void> => {
    this.all.push({ method: notice.method, params: isObject(notice.params) ? notice.params : undefined })
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Resolves with the first that fits, now or later; the timeout of the test is the limit. */
  async take (method: string, fits: (params: JsonObject) => boolean = () => true): Promise<JsonObject> {
    for (;;) {
      const found = this.all.find(notice => notice.method === method && fits(notice.params ?? {}))
      if (found !== undefined) return found.params ?? {}
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  of (method: string): JsonObject[] {
    return this.all.filter(notice => notice.method === method).map(notice => notice.params ?? {})
  }
}

export const CLIENT_INFO = { name: 'interop', version: '1.0.0' }

export const ALL_CAPABILITIES: JsonObject = {
  elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: { listChanged: true }
}

/** Answers a test that does not care gives. */
export const ANSWERS: Required<Answers> = {
  elicitation: () => ({
    action: 'accept',
    content: { name: 'Ada', color: 'green', ok: true, context: 'tests', username: 'ada', email: 'ada@example.com' }
  }),
  sampling: () => ({ role: 'assistant', model: 'none', content: { type: 'text', text: 'Paris' } }),
  roots: () => ({ roots: [{ uri: 'file:///work', name: 'Work' }] })
}

/** The texts of a result of a tool, one line each. */
export function textOf (result: JsonObject): string {
  const content = Array.isArray(result.content) ? result.content as unknown[] : []
  return content.map(block => isObject(block) ? block.text : '').join('\n')
}

/** Whether a call failed, be it with a result or with an error of JSON-RPC. */
export function isRefused (call: Promise<JsonObject>): Promise<boolean> {
  return call.then(result => result.isError === true, (error: { code?: unknown }) => typeof error.code === 'number' && error.code < 0)
}

/** Closes a peer and tells what was wrong on its wire. */
export async function closeAndJudge (peer: Peer): Promise<string[]> {
  await peer.close()
  return faultsOf(peer.wire)
}
