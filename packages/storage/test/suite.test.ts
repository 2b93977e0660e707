import t from 'tap'
import { memoryStorage } from '../src/index.ts'
import { storageSuite } from '../src/suite.ts'
import type { Storage, Unsubscribe } from '../src/index.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Makes every method answer a turn later, in the order of the calls, like a connection to somewhere else. */
function later<T extends object> (target: T): T {
  return new Proxy(target, {
    get (target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        await turn()
        const answer = Reflect.apply(method, target, args)
        await turn()
        return structuredClone(answer)
      }
    }
  })
}

/** One node's connection to a storage that several nodes share. */
function connection ({ sessions, events, bus, nodes }: Storage): Storage {
  const subscriptions = new Set<Unsubscribe>()
  return {
    name: 'later',
    sessions: later(sessions),
    events: later(events),
    nodes: later(nodes),
    bus: {
      async publish (channel, message) {
        await turn()
        return bus.publish(channel, message)
      },
      async subscribe (channel, listener) {
        await turn()
        const unsubscribe = await bus.subscribe(channel, listener)
        subscriptions.add(unsubscribe)
        return unsubscribe
      }
    },
    async close () {
      for (const unsubscribe of subscriptions) await unsubscribe()
    }
  }
}

t.test('the suite fits a storage that answers later and serves two nodes', async t => {
  await storageSuite(t, {
    name: 'two connections',
    async create (events, budget) {
      const shared = memoryStorage({ events, budget })
      return { storage: connection(shared), peer: connection(shared), close: () => shared.close() }
    }
  })
})
