import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { memoryStorage, type Storage } from '@mcp/storage'
import type { JsonRpcMessage, JsonRpcResponse } from '@mcp/protocol'
import { Sessions, type Attachment, type LiveSession, type RunningRequest, type SessionEndpoint, type SessionLimits } from '../src/index.ts'

/** What a test may wait for, at most. */
const PATIENCE_MS = 20_000

/** Resolves when `condition` holds. */
export async function until (condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await delay(2)
  }
}

export interface Teardown {
  teardown (end: () => Promise<void>): unknown
}

export const LIMITS: SessionLimits = { idleMs: 1_800_000, lifetimeMs: 86_400_000, maxSessions: 1000, maxSessionsPerPrincipal: 100 }

export const HANDSHAKE = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }

/** A node of its own on a storage. */
export interface TestNode {
  readonly sessions: Sessions
  readonly endpoint: SessionEndpoint
  /** Responses that reached the endpoint for the standalone stream. */
  readonly responses: JsonRpcResponse[]
  readonly logs: Array<{ level: 'info' | 'error', details: object, message: string }>
  /** A session everybody knows. */
  opened (principalKey?: string): Promise<LiveSession>
  /** The session as this node knows it. */
  found (id: string, principalKey?: string): Promise<LiveSession>
}

export function node (t: Teardown, storage: Storage, limits: Partial<SessionLimits> = {}): TestNode {
  const logs: TestNode['logs'] = []
  const responses: JsonRpcResponse[] = []
  const sessions = new Sessions(storage, { ...LIMITS, ...limits }, {
    info: (details, message) => logs.push({ level: 'info', details, message }),
    error: (details, message) => logs.push({ level: 'error', details, message })
  })
  t.teardown(() => sessions.close())
  const endpoint: SessionEndpoint = { name: 'main', respond: (_session, response) => responses.push(response) }
  return {
    sessions,
    endpoint,
    responses,
    logs,
    async opened (principalKey = '') {
      const session = sessions.open(endpoint, principalKey, HANDSHAKE, '2025-11-25')
      const outcome = await sessions.store(session)
      if (outcome !== 'created') throw new Error(outcome)
      return session
    },
    async found (id, principalKey = '') {
      const session = await sessions.find(endpoint, principalKey, id)
      if (session === null) throw new Error(`${id} is unknown`)
      return session
    }
  }
}

export function memory (t: Teardown): Storage {
  const storage = memoryStorage()
  t.teardown(() => storage.close())
  return storage
}

/** The same storage, answering and delivering later, as a remote one does. */
export function remote (storage: Storage): Storage {
  const later = <A extends unknown[], T>(work: (...args: A) => T) => async (...args: A): Promise<Awaited<T>> => {
    await turn()
    return await work(...args)
  }
  const { sessions, events, bus, nodes } = storage
  return {
    name: 'remote',
    sessions: {
      create: later((...args) => sessions.create(...args)),
      read: later((...args) => sessions.read(...args)),
      touch: later((...args) => sessions.touch(...args)),
      patchState: later((...args) => sessions.patchState(...args)),
      delete: later((...args) => sessions.delete(...args)),
      count: later(() => sessions.count())
    },
    events: {
      open: later((...args) => events.open(...args)),
      append: later((...args) => events.append(...args)),
      read: later((...args) => events.read(...args)),
      deleteSession: later((...args) => events.deleteSession(...args))
    },
    bus: {
      publish: later((...args) => bus.publish(...args)),
      subscribe: later((...args) => bus.subscribe(...args))
    },
    nodes: {
      beat: later((...args) => nodes.beat(...args)),
      leave: later((...args) => nodes.leave(...args)),
      alive: later((...args) => nodes.alive(...args))
    },
    close: async () => {}
  }
}

/** A storage whose bus can be cut, silently, and healed. */
export function torn (t: Teardown): { storage: Storage, cut (): void, heal (): void, failReads (times: number): void } {
  const { bus, events, ...rest } = memory(t)
  const gapListeners = new Set<() => void>()
  let isCut = false
  let failures = 0
  const storage: Storage = {
    ...rest,
    bus: {
      // Its subscriber is still counted.
      publish: (channel, message) => isCut ? 1 : bus.publish(channel, message),
      subscribe: (channel, listener) => bus.subscribe(channel, listener),
      onGap (listener) {
        gapListeners.add(listener)
        return () => gapListeners.delete(listener)
      }
    },
    events: {
      open: (...args) => events.open(...args),
      append: (...args) => events.append(...args),
      deleteSession: session => events.deleteSession(session),
      async read (...args) {
        if (failures-- > 0) throw new Error('failed on purpose')
        return await events.read(...args)
      }
    }
  }
  const heal = (): void => {
    isCut = false
    for (const listener of gapListeners) listener()
  }
  return { storage, cut: () => { isCut = true }, heal, failReads: times => { failures = times } }
}

/** Both kinds of storage, each empty. */
export const STORAGES: ReadonlyArray<readonly [name: string, make: (t: Teardown) => Storage]> = [
  ['memory', memory], ['remote', t => remote(memory(t))]
]

/** A connection that writes down what happens to it. */
export class Recorder implements Attachment {
  readonly id: string
  readonly stream: string
  readonly heard: string[] = []

  constructor (id: string, stream: string = 'standalone') {
    this.id = id
    this.stream = stream
  }

  wake (): void {
    this.heard.push('wake')
  }

  offer (json: string, position: number): void {
    this.heard.push(`offer ${position} ${json}`)
  }

  verify (): void {}

  lose (): void {
    this.heard.push('lose')
  }

  close (): void {
    this.heard.push('close')
  }

  release (retryMs: number | undefined): void {
    this.heard.push(`release ${retryMs}`)
  }
}

/** A request that runs until it is cancelled. */
export function running (requestId: string | number): RunningRequest & { readonly reasons: string[] } {
  const reasons: string[] = []
  const end = (reason: string): void => { reasons.push(reason) }
  return { requestId, begunAt: Date.now(), reasons, cancel: end, refuse: end }
}

export function ping (id: string | number): JsonRpcMessage {
  return { jsonrpc: '2.0', id, method: 'ping' }
}

export function note (n: number): JsonRpcMessage {
  return { jsonrpc: '2.0', method: 'notifications/x', params: { n } }
}
