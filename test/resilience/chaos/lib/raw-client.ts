/** A client that says one message at a time, to whichever node. */
import { isObject, type JsonObject } from '@mcp/protocol'
import { createParser } from 'eventsource-parser'
import type { ReferenceNode } from './reference-node.ts'

export const REVISION = '2025-11-25'
export const OPENING = { protocolVersion: REVISION, capabilities: { elicitation: {} }, clientInfo: { name: 'raw', version: '1' } }

export function request (method: string, params: JsonObject, id = 1): JsonObject {
  return { jsonrpc: '2.0', id, method, params }
}

export function post (url: string, body: JsonObject, session?: string): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  if (session !== undefined) Object.assign(headers, { 'mcp-session-id': session, 'mcp-protocol-version': REVISION })
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Answers the id of a session that is open. */
export async function openSession ({ url }: ReferenceNode): Promise<string> {
  const opened = await post(url, request('initialize', OPENING))
  await opened.text()
  const session = opened.headers.get('mcp-session-id') ?? ''
  await (await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, session)).text()
  return session
}

/** A stream of events as it is read. One that is not read to its end keeps the process alive: `close()` it. */
export class Events {
  readonly #chunks: AsyncGenerator<string>

  constructor (response: Response) {
    this.#chunks = dataOf(response)
  }

  /** @throws When the stream ends before it. */
  async next (wanted: (message: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const message: unknown = JSON.parse(await this.data())
      if (isObject(message) && wanted(message as JsonObject)) return message as JsonObject
    }
  }

  /** The data of the next event that has some. */
  async data (): Promise<string> {
    const { value, done } = await this.#chunks.next()
    if (done === true) throw new Error('the stream ended')
    return value
  }

  /** What is left, to the end of the stream. */
  async rest (): Promise<string[]> {
    const all: string[] = []
    for await (const data of this.#chunks) all.push(data)
    return all
  }

  async close (): Promise<void> {
    await this.#chunks.return(undefined)
  }
}

async function * dataOf (response: Response): AsyncGenerator<string> {
  const queue: string[] = []
  const parser = createParser({ onEvent: ({ data }) => { if (data !== '') queue.push(data) } })
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield * queue.splice(0)
  }
}
