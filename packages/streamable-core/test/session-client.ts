/** A legacy client in a session, and an application whose answers the test gives itself. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { isRequest, type Exchange, type ExchangeHandler, type JsonObject, type JsonRpcRequest, type RequestId } from '@mcp/protocol'
import { memoryStorage, type MemoryStorageOptions, type Storage } from '@mcp/storage'
import { answering, readEvents, type EventReader, type Fields, type TestApp } from './helper.ts'

/** Things that come when they come, taken in order. */
export class Queue<T> {
  readonly #items: T[] = []
  readonly #waiting: Array<(item: T) => void> = []

  get size (): number {
    return this.#items.length
  }

  push (item: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#items.push(item)
    else waiting(item)
  }

  async next (): Promise<T> {
    const [item] = this.#items.splice(0, 1)
    return item === undefined ? new Promise(resolve => this.#waiting.push(resolve)) : item
  }
}

export type Asked = Exchange & { readonly message: JsonRpcRequest }

export interface Puppet {
  application: ExchangeHandler
  /** Requests, but for those {@link answering} answers. */
  requests: Queue<Asked>
  /** Notifications (but for `notifications/initialized`) and responses. */
  others: Queue<Exchange>
}

/** An application that hands everything but the handshake to the test. */
export function puppet (): Puppet {
  const requests = new Queue<Asked>()
  const others = new Queue<Exchange>()
  const rest = answering()
  const application: ExchangeHandler = exchange => {
    const { message } = exchange
    const method = 'method' in message ? message.method : ''
    if (method === 'initialize' || method === 'ping' || method === 'server/discover') return rest(exchange)
    if (method === 'notifications/initialized') return
    if (isRequest(message)) requests.push(exchange as Asked)
    else others.push(exchange)
  }
  return { application, requests, others }
}

export function progress (exchange: Exchange, value: number, more: JsonObject = {}): Promise<void> {
  return exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress: value, ...more } })
}

/** Asks the client something, under an id of the application's own. */
export function ask (exchange: Exchange, method: string, id: RequestId, params: JsonObject = {}): Promise<void> {
  return exchange.send({ jsonrpc: '2.0', id, method, params })
}

export function answer (exchange: Asked, result: JsonObject = {}): Promise<void> {
  return exchange.send({ jsonrpc: '2.0', id: exchange.message.id, result })
}

/** GETs the standalone stream, or with `last-event-id` any other. */
export function get (node: TestApp, session: Fields, headers: Fields = {}): Promise<Response> {
  return fetch(node.url, { headers: { accept: 'text/event-stream', ...session, ...headers } })
}

export async function listen (node: TestApp, session: Fields, headers: Fields = {}): Promise<EventReader> {
  const response = await get(node, session, headers)
  if (response.status !== 200) throw new Error(`GET answered ${response.status}: ${await response.text()}`)
  return readEvents(response)
}

export function resume (node: TestApp, session: Fields, lastEventId: string | undefined): Promise<EventReader> {
  return listen(node, session, { 'last-event-id': lastEventId ?? '' })
}

export function remove (node: TestApp, session: Fields): Promise<Response> {
  return fetch(node.url, { method: 'DELETE', headers: session })
}

/** Progress values and results among messages, in order: what most streams of these tests consist of. */
export function values (events: ReadonlyArray<{ message: { method?: string, params?: JsonObject, result?: JsonObject } }>): unknown[] {
  return events.map(({ message }) => message.params?.progress ?? message.result ?? message.method)
}

/** A storage in memory that behaves like a remote one: every answer and every message comes later. */
export function lateStorage (options: MemoryStorageOptions = {}): Storage {
  const { sessions, events, bus, ...rest } = memoryStorage(options)
  return {
    ...rest,
    sessions: late(sessions),
    events: late(events),
    bus: {
      publish: async (channel, message) => {
        await turn()
        return bus.publish(channel, message)
      },
      subscribe: async (channel, listener) => {
        await turn()
        return bus.subscribe(channel, message => setImmediate(() => listener(message)))
      }
    }
  }
}

function late<T extends object> (target: T): T {
  return new Proxy(target, {
    get (store, name) {
      const method: unknown = Reflect.get(store, name)
      if (typeof method !== 'function') return method
      return async (...parameters: unknown[]) => {
        await turn()
        const answered: unknown = await Reflect.apply(method, store, parameters)
        await turn()
        return answered
      }
    }
  })
}

/** Waits for what has no event of its own; the test's timeout is the limit. */
export async function until (condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await sleep(5)
}
