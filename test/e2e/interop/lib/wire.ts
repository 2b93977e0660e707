/** What goes over the wire between a client and a server: a `fetch` for clients that remembers every reply, message by message. */
import type { JsonObject } from '@mcp/protocol'
import { createParser } from 'eventsource-parser'

/** A message as it came over the wire, before anyone vouched for its shape. */
export interface WireMessage {
  id?: unknown
  method?: string
  params?: JsonObject
  result?: JsonObject
  error?: { code: number, message: string, data?: JsonObject }
}

/** One HTTP request of a client, and what came back so far. */
export interface Trip {
  readonly method: string
  readonly headers: Headers
  /** What was POSTed, of a batch each. */
  readonly sent: readonly WireMessage[]
  status: number
  replyHeaders: Headers
  /** The body as it came. */
  text: string
  readonly messages: WireMessage[]
  /** Ids of events, in order; those without data too. */
  readonly eventIds: string[]
  /** The connection was lost, or the client gave it up: it may not have seen the last of this. */
  broken: boolean
}

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>

export class Wire {
  readonly trips: Trip[] = []
  /** Hands the request on. A test may put its own in front, to lose replies or to count. */
  through: Fetch = fetch
  #waiting: Array<() => void> = []

  /** For the `fetch` option of clients. */
  readonly fetch: Fetch = async (url, init = {}) => {
    const trip: Trip = {
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      sent: typeof init.body === 'string' ? [JSON.parse(init.body) as WireMessage | WireMessage[]].flat() : [],
      status: 0,
      replyHeaders: new Headers(),
      text: '',
      messages: [],
      eventIds: [],
      broken: false
    }
    this.trips.push(trip)
    const response = await this.through(url, init)
    trip.status = response.status
    trip.replyHeaders = response.headers
    this.#wake()
    if (response.body === null) return response
    return new Response(this.#observed(trip, response.body, response.headers.get('content-type') ?? ''), response)
  }

  /** Every message of the server so far. */
  get messages (): WireMessage[] {
    return this.trips.flatMap(trip => trip.messages)
  }

  /** Resolves with the first trip that fits, now or later; the timeout of the test is the limit. */
  async trip (fits: (trip: Trip) => boolean): Promise<Trip> {
    for (;;) {
      const found = this.trips.find(trip => trip.status !== 0 && fits(trip))
      if (found !== undefined) return found
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** The replies to a JSON-RPC method. */
  tripsOf (method: string): Trip[] {
    return this.trips.filter(trip => trip.sent.some(message => message.method === method))
  }

  /** What the client reads is noted on its way, so that it is known here before the client acts on it. */
  #observed (trip: Trip, body: ReadableStream<Uint8Array>, contentType: string): ReadableStream<Uint8Array> {
    const decoder = new TextDecoder()
    const isStream = contentType.startsWith('text/event-stream')
    const parser = createParser({
      onEvent: ({ id, data }) => {
        if (id !== undefined) trip.eventIds.push(id)
        if (data !== '') trip.messages.push(...[JSON.parse(data) as WireMessage | WireMessage[]].flat())
      }
    })
    const reader = body.getReader()
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const { done, value } = await reader.read().catch((error: unknown) => {
        trip.broken = true
        throw error
      })
      const text = decoder.decode(value, { stream: !done })
      trip.text += text
      if (isStream) parser.feed(text)
      if (done && contentType.startsWith('application/json') && trip.text !== '') {
        trip.messages.push(...[JSON.parse(trip.text) as WireMessage | WireMessage[]].flat())
      }
      this.#wake()
      if (done) controller.close()
      else controller.enqueue(value)
    }
    return new ReadableStream({ pull, cancel: reason => reader.cancel(reason) }, { highWaterMark: 0 })
  }

  #wake (): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
