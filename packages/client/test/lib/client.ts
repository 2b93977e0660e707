import type { Test } from 'tap'
import type { ClientTransport, ConnectionState, TransportMessage } from '../../src/index.ts'

/** Quick, so that tests are. */
export const RECONNECT = { initialMs: 10, maxMs: 200, attempts: 5, provenMs: 60_000 }

/** A client, and everything it said. */
export interface Heard<T extends ClientTransport> {
  readonly client: T
  readonly messages: TransportMessage[]
  readonly errors: Error[]
  readonly states: ConnectionState[]
  /** Resolves with the first message that fits, now or later. */
  message (fits: (message: TransportMessage) => boolean): Promise<TransportMessage>
  answer (id: string | number): Promise<TransportMessage>
  /** Resolves when the client is in this state. */
  reaches (state: ConnectionState): Promise<void>
  error (code: string): Promise<Error>
}

/** Starts a client and listens to it; it is closed with the test. */
export async function listen<T extends ClientTransport> (t: Test, client: T): Promise<Heard<T>> {
  const messages: TransportMessage[] = []
  const errors: Error[] = []
  const states: ConnectionState[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => { for (const each of [...waiting]) each() }
  const until = async <R> (find: () => R | undefined): Promise<R> => {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>(resolve => {
        const each = (): void => {
          waiting.delete(each)
          resolve()
        }
        waiting.add(each)
      })
    }
  }
  client.onmessage = message => {
    messages.push(message)
    wake()
  }
  client.onerror = error => {
    errors.push(error)
    wake()
  }
  client.onstate = state => {
    states.push(state)
    wake()
  }
  t.teardown(() => client.close())
  await client.start()
  const message = (fits: (message: TransportMessage) => boolean): Promise<TransportMessage> => until(() => messages.find(fits))
  return {
    client,
    messages,
    errors,
    states,
    message,
    answer: id => message(each => each.id === id && each.method === undefined),
    reaches: async state => { await until(() => client.state === state ? state : undefined) },
    error: code => until(() => errors.find(error => 'code' in error && error.code === code))
  }
}

export function request (id: string | number, method: string, params?: object): TransportMessage {
  return { jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) }
}

export function notification (method: string, params?: object): TransportMessage {
  return { jsonrpc: '2.0', method, ...(params !== undefined && { params }) }
}

export const INITIALIZE = request('init', 'initialize', {
  protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' }
})

export const INITIALIZED = notification('notifications/initialized')

export const INITIALIZE_RESULT = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'script', version: '1' } }

/** A modern request. */
export function modern (id: string | number, method: string, params: object = {}): TransportMessage {
  return request(id, method, {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' }
    }
  })
}

/** The handshake, done. */
export async function shakeHands (heard: Heard<ClientTransport>): Promise<void> {
  await heard.client.send(INITIALIZE)
  await heard.answer('init')
  await heard.client.send(INITIALIZED)
}
