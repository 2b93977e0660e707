/** The suite every storage must pass: sessions, events, bus and nodes, on one node and, where there is a second one, on two. */
import { budgetSuite } from './suite/budget.ts'
import { busSuite } from './suite/bus.ts'
import { closeSuite } from './suite/close.ts'
import { eventSuite } from './suite/events.ts'
import { nodesSuite } from './suite/nodes.ts'
import { retentionSuite } from './suite/retention.ts'
import { capsSuite } from './suite/caps.ts'
import { sessionSuite } from './suite/sessions.ts'
import { casesOf } from './suite/cases.ts'
import type { StorageSuiteOptions, SuiteTest } from './suite/cases.ts'

export type { StorageSuiteOptions, StorageUnderTest, SuiteTest } from './suite/cases.ts'

/**
 * Runs every case on a storage of its own, one after the other.
 *
 * @param t the test to run in: tap's `t`, or anything of its shape.
 */
export async function storageSuite (t: SuiteTest, options: StorageSuiteOptions): Promise<void> {
  const parts = {
    sessions: sessionSuite,
    'session caps': capsSuite,
    budget: budgetSuite,
    events: eventSuite,
    'event retention': retentionSuite,
    bus: busSuite,
    nodes: nodesSuite,
    close: closeSuite
  }
  await t.test(`storage ${options.name}`, async t => {
    for (const [name, suite] of Object.entries(parts)) {
      await t.test(name, async t => suite(casesOf(t, options)))
    }
  })
}
