/** A storage that fails: nothing here may reject without a reader, which would end the process. */
import type { Storage } from '@mcp/storage'
import t from 'tap'
import { HANDSHAKE, memory, node } from './helper.ts'

class Unavailable extends Error {
  readonly statusCode = 503
}

/** The storage with some calls that fail, at once or later. */
function failing (storage: Storage, calls: Readonly<Record<string, readonly string[]>>, later: boolean): Storage {
  const parts = Object.entries(calls).map(([part, names]) => {
    const target: object = Reflect.get(storage, part)
    return [part, new Proxy(target, {
      get (target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function' || !names.includes(String(name))) return typeof value === 'function' ? value.bind(target) : value
        return () => {
          if (later) return Promise.reject(new Unavailable(String(name)))
          throw new Unavailable(String(name))
        }
      }
    })]
  })
  return { ...storage, ...Object.fromEntries(parts) as Partial<Storage> }
}

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown): void => { unhandled.push(reason) }
process.on('unhandledRejection', onUnhandled)
t.teardown(() => process.off('unhandledRejection', onUnhandled))

for (const later of [true, false]) {
  t.test(`D-12: whether there is room is not asked of a storage that has to be waited for (fails ${later ? 'later' : 'at once'})`, async t => {
    const storage = memory(t)
    const { sessions, endpoint } = node(t, failing({ ...storage, sessions: withoutCountNow(storage) }, { sessions: ['count', 'create'] }, later))
    t.equal(sessions.full, false)
    const session = sessions.open(endpoint, 'ann', HANDSHAKE, '2025-11-25')
    await t.rejects(async () => { await sessions.store(session) }, new Unavailable('create'))
  })

  t.test(`a node closes while the storage is away (fails ${later ? 'later' : 'at once'})`, async t => {
    const storage = memory(t)
    const { sessions } = node(t, failing(storage, { nodes: ['leave', 'beat'], bus: ['subscribe'] }, later))
    await t.resolves(sessions.close())
  })
}

t.test('none of this left a rejection unhandled', async t => {
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(unhandled, [])
})

function withoutCountNow ({ sessions }: Storage): Storage['sessions'] {
  return new Proxy(sessions, { get: (target, name) => name === 'countNow' ? undefined : bound(target, name) })
}

function bound (target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target)
  return typeof value === 'function' ? value.bind(target) : value
}
