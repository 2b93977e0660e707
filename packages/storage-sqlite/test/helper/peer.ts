import { startChild, stopChild } from './child.ts'
import type { ChildProcess } from 'node:child_process'
import type { Storage } from '@mcp/storage'
import type { SqliteStorageOptions } from '../../src/index.ts'
import type { PeerAnswer, PeerRequest } from './peer-process.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never

/** Storages in another process, for as many cases as there are. */
export class Peer {
  readonly #child: ChildProcess = startChild('peer-process.ts')
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<number, (message: string) => void>()
  #ids = 0

  constructor () {
    this.#child.on('message', (answer: PeerAnswer) => {
      if ('heard' in answer) return this.#listeners.get(answer.heard)?.(answer.message)
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('error' in answer) waiting?.reject(new Error(answer.error))
      else waiting?.resolve(answer.value as never)
    })
  }

  async open (options: SqliteStorageOptions): Promise<Storage> {
    const storage = ++this.#ids
    await this.#ask({ storage, open: options })
    const call = (part: 'sessions' | 'events' | 'nodes' | 'bus' | 'storage', method: string) => {
      return async <T>(...args: unknown[]): Promise<T> => this.#ask({ storage, part, method, args })
    }
    return {
      name: 'sqlite',
      sessions: {
        create: call('sessions', 'create'),
        read: call('sessions', 'read'),
        touch: call('sessions', 'touch'),
        patchState: call('sessions', 'patchState'),
        delete: call('sessions', 'delete'),
        count: call('sessions', 'count')
      },
      events: {
        open: call('events', 'open'),
        append: call('events', 'append'),
        read: call('events', 'read'),
        deleteSession: call('events', 'deleteSession')
      },
      bus: {
        publish: call('bus', 'publish'),
        subscribe: async (channel, listener) => this.#subscribe(storage, channel, listener)
      },
      nodes: { beat: call('nodes', 'beat'), leave: call('nodes', 'leave'), alive: call('nodes', 'alive') },
      close: call('storage', 'close')
    }
  }

  stop (): Promise<void> {
    return stopChild(this.#child)
  }

  async #subscribe (storage: number, channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
    const id = this.#ids + 1
    this.#listeners.set(id, listener)
    await this.#ask({ storage, subscribe: channel })
    return async () => {
      this.#listeners.delete(id)
      await this.#ask({ storage, unsubscribe: id })
    }
  }

  #ask<T> (request: Unnumbered<PeerRequest>): Promise<T> {
    const id = ++this.#ids
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ ...request, id })
    })
  }
}
