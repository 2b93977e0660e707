/** Storages in a process of their own, driven over IPC: opened, called by name, and heard when their bus speaks. */
import { sqliteStorage } from '../../src/index.ts'
import type { SqliteStorageOptions } from '../../src/index.ts'
import type { Storage, Unsubscribe } from '@mcp/storage'

export type PeerRequest =
  | { readonly id: number, readonly storage: number, readonly open: SqliteStorageOptions }
  | { readonly id: number, readonly storage: number, readonly part: 'sessions' | 'events' | 'nodes' | 'bus' | 'storage', readonly method: string, readonly args: readonly unknown[] }
  | { readonly id: number, readonly storage: number, readonly subscribe: string }
  | { readonly id: number, readonly storage: number, readonly unsubscribe: number }

export type PeerAnswer =
  | { readonly id: number, readonly value: unknown }
  | { readonly id: number, readonly error: string }
  | { readonly heard: number, readonly message: string }

const storages = new Map<number, Storage>()
const subscriptions = new Map<number, Unsubscribe>()

async function answer (request: PeerRequest): Promise<unknown> {
  if ('open' in request) {
    storages.set(request.storage, sqliteStorage(request.open))
    return
  }
  const storage = storages.get(request.storage)
  if (storage === undefined) throw new Error('no such storage')
  if ('subscribe' in request) {
    const unsubscribe = await storage.bus.subscribe(request.subscribe, message => process.send?.({ heard: request.id, message }))
    subscriptions.set(request.id, unsubscribe)
    return
  }
  if ('unsubscribe' in request) return subscriptions.get(request.unsubscribe)?.()
  const target = request.part === 'storage' ? storage : storage[request.part]
  return Reflect.apply(Reflect.get(target, request.method), target, request.args)
}

process.on('message', (request: PeerRequest) => {
  answer(request).then(
    value => process.send?.({ id: request.id, value }),
    error => process.send?.({ id: request.id, error: String(error) })
  )
})
