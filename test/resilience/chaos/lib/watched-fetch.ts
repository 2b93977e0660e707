/** A `fetch` for the official clients that tells what they themselves keep quiet about: statuses, and streams that are lost for good. */
import { createParser } from 'eventsource-parser'
import { isObject, type JsonObject } from '@mcp/protocol'

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

/** A message the client POSTed. */
export type Sent = JsonObject & { readonly id?: unknown, readonly method?: unknown }

export interface FetchWatcher {
  /** An HTTP status came; `resuming` when the request had a `Last-Event-ID`. */
  onStatus (method: string, status: number, resuming: boolean, headers: Headers): void
  /** A POST failed, or was answered with an error of HTTP. */
  onRefused (sent: Sent, reason: string): void
  /** Every message of the server, in the order it came over its connection. */
  onMessage (message: JsonObject): void
  /** The connection of a POSTed request ended without its response; `resumable` when the client knows an event to come back with. */
  onBroken (sent: Sent, resumable: boolean): void
  /** What became of coming back for the rest of the stream of a request. */
  onReturn (sent: Sent, outcome: string): void
  /** The connection a client came back on ended before it brought an event with an id: official clients forget the id they came with. */
  onForgotten (sent: Sent): void
}

/** Requests that wait for their response, with the id of the last event of their stream. */
type Waiting = Map<Sent, string>

export function watchedFetch (watcher: FetchWatcher): Fetch {
  const waiting: Waiting = new Map()
  return async (url, init = {}) => {
    const method = init.method ?? 'GET'
    const sent = sentBy(init)
    const lastEventId = new Headers(init.headers).get('last-event-id')
    const resumed = [...waiting].find(([, id]) => id === lastEventId)?.[0]
    const returned = (outcome: string): void => { if (resumed !== undefined) watcher.onReturn(resumed, outcome) }
    let response: Response
    try {
      response = await fetch(url, init)
    } catch (error) {
      if (init.signal?.aborted !== true) for (const message of sent) watcher.onRefused(message, reasonOf(error))
      returned(reasonOf(error))
      throw error
    }
    returned(`HTTP ${response.status}`)
    watcher.onStatus(method, response.status, lastEventId !== null, response.headers)
    if (!response.ok) for (const message of sent) watcher.onRefused(message, `HTTP ${response.status}`)
    const stream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (!response.ok || !stream || response.body === null) return response
    const posted = sent.find(({ id, method }) => id !== undefined && method !== undefined)
    return new Response(observed(response.body, posted ?? resumed, posted === undefined, waiting, watcher), response)
  }
}

/** The same bytes, read along. */
function observed (
  body: ReadableStream<Uint8Array>, request: Sent | undefined, again: boolean, waiting: Waiting, watcher: FetchWatcher
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let resumable = false
  let answered = false
  const parser = createParser({
    onEvent: ({ id, data }) => {
      if (id !== undefined) {
        resumable = true
        if (request !== undefined && !answered) waiting.set(request, id)
      }
      if (data === '') return
      const message: unknown = JSON.parse(data)
      if (!isObject(message)) return
      if (request !== undefined && message.method === undefined && message.id === request.id) {
        answered = true
        waiting.delete(request)
      }
      watcher.onMessage(message)
    }
  })
  const over = (): void => {
    if (request === undefined || answered) return
    if (!resumable) waiting.delete(request)
    if (again && !resumable) watcher.onForgotten(request)
    else watcher.onBroken(request, resumable)
  }
  return new ReadableStream({
    async pull (controller) {
      try {
        const { done, value } = await reader.read()
        if (done) {
          over()
          return controller.close()
        }
        parser.feed(decoder.decode(value, { stream: true }))
        controller.enqueue(value)
      } catch (error) {
        over()
        controller.error(error)
      }
    },
    cancel: reason => reader.cancel(reason)
  })
}

function sentBy ({ body }: RequestInit): Sent[] {
  if (typeof body !== 'string') return []
  const message: unknown = JSON.parse(body)
  return (Array.isArray(message) ? message : [message]).filter(isObject)
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf (error: unknown): string {
  const cause = error instanceof Error && isObject(error.cause) ? error.cause : error
  return isObject(cause) ? String(cause.code ?? cause.message) : String(cause)
}
