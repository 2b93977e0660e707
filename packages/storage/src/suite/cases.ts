import type { EventBounds, MaybePromise, SessionRecord, Storage, StorageBudget } from '../contract.ts'

/** What the suite needs of a test framework; a tap `Test` has this shape. */
export interface SuiteTest {
  test (name: string, body: (t: SuiteTest) => Promise<void>): PromiseLike<unknown>
  ok (value: unknown, ...message: [] | [string]): unknown
  equal (found: unknown, wanted: unknown, ...message: [] | [string]): unknown
  /** Deep equality. */
  same (found: unknown, wanted: unknown, ...message: [] | [string]): unknown
  teardown (handler: () => Promise<void>): unknown
}

export interface StorageUnderTest {
  readonly storage: Storage
  /** A second connection to the same data, as another node has it. */
  readonly peer?: Storage
  /** Closes both, also where the suite has closed them already, and removes the data. */
  close (): Promise<void>
}

export interface StorageSuiteOptions {
  readonly name: string
  /** A fresh storage without any data. `events`, `budget`: the bounds it must keep, its defaults otherwise. */
  create (events: Partial<EventBounds>, budget: Partial<StorageBudget>): Promise<StorageUnderTest>
  /** How long to wait for what another node or time must bring, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number
}

export interface Nodes {
  readonly storage: Storage
  /** The storage itself where there is no second node. */
  readonly peer: Storage
  readonly hasPeer: boolean
  /** Asks until the answer is yes; `false` when the deadline came first. */
  until (condition: () => MaybePromise<boolean>): Promise<boolean>
}

export type Cases = (
  name: string, body: (t: SuiteTest, nodes: Nodes) => Promise<void>, events?: Partial<EventBounds>, budget?: Partial<StorageBudget>
) => Promise<void>

export function casesOf (t: SuiteTest, { create, deadlineMs = 10_000 }: StorageSuiteOptions): Cases {
  return async (name, body, events = {}, budget = {}) => {
    await t.test(name, async t => {
      const { storage, peer, close } = await create(events, budget)
      t.teardown(close)
      await body(t, {
        storage,
        peer: peer ?? storage,
        hasPeer: peer !== undefined,
        until: condition => until(condition, deadlineMs)
      })
    })
  }
}

async function until (condition: () => MaybePromise<boolean>, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs
  while (!await condition()) {
    if (Date.now() > deadline) return false
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  return true
}

export const PLENTY = { total: 1000, perPrincipal: 1000 }

export function sessionRecord (id: string, overrides: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now()
  return {
    id,
    revision: '2025-11-25',
    endpoint: '/mcp',
    principalKey: '',
    handshake: {
      protocolVersion: '2025-11-25',
      capabilities: { roots: { listChanged: true } },
      clientInfo: { name: 'suite – ✓ 🎈', version: '1.0.0' }
    },
    createdAt: now,
    expiresAt: now + 600_000,
    state: {},
    ...overrides
  }
}
