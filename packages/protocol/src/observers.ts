/** All observers of a scope as one that cannot do harm. */
import { guarded, type OnObserverError } from './guarded.ts'
import type { Refusal } from './ladder.ts'
import type { CallWatch, ObservedCall, ObservedSession, ObservedStream, Observer, SessionCounter, StreamWatch } from './observer.ts'
import { WatchedCall } from './watched-call.ts'

/** A scope of decorators that inherits from the scope around it. */
export interface ObservedScope {
  readonly mcpObservers?: readonly Observer[]
}

/**
 * The observers of `scope` and of those around it, outermost first; `undefined` where there is none, so that whoever tells pays for one
 * look. Read when all plugins are there: then the order of their registration does not matter.
 */
export function observersOf (scope: ObservedScope, onError: OnObserverError): Observers | undefined {
  const found: Observer[] = []
  for (let at: ObservedScope | null = scope; at !== null; at = Object.getPrototypeOf(at) as ObservedScope | null) {
    if (Object.hasOwn(at, 'mcpObservers')) found.unshift(...at.mcpObservers ?? [])
  }
  return found.length === 0 ? undefined : new Observers(found, onError)
}

export class Observers implements Required<Observer> {
  readonly #observers: readonly Observer[]
  readonly #onError: OnObserverError

  constructor (observers: readonly Observer[], onError: OnObserverError) {
    this.#observers = observers
    this.#onError = onError
  }

  /** Told of every call, so without a closure. */
  began (call: ObservedCall): WatchedCall | undefined {
    let watched: WatchedCall | undefined
    for (const observer of this.#observers) {
      try {
        const watch: CallWatch | void | Promise<unknown> = observer.began?.(call)
        if (watch instanceof Promise) {
          watch.catch(this.#onError)
          continue
        }
        if (watch === undefined) continue
        if (watched === undefined) watched = new WatchedCall(watch, this.#onError)
        else watched.add(watch)
      } catch (error) {
        this.#onError(error)
      }
    }
    return watched
  }

  refused (refusal: Refusal): void {
    this.#tell(observer => observer.refused?.(refusal))
  }

  streamOpened (stream: ObservedStream): WatchedStream | undefined {
    const watches: StreamWatch[] = []
    this.#tell(observer => {
      const watch: StreamWatch | void | Promise<unknown> = observer.streamOpened?.(stream)
      if (watch instanceof Promise) return watch
      if (watch !== undefined) watches.push(watch)
      return undefined
    })
    return watches.length === 0 ? undefined : new WatchedStream(watches, this.#onError)
  }

  sessionOpened (session: ObservedSession): void {
    this.#tell(observer => observer.sessionOpened?.(session))
  }

  sessionEnded (session: ObservedSession, reason: string): void {
    this.#tell(observer => observer.sessionEnded?.(session, reason))
  }

  sessionKept (session: ObservedSession): void {
    this.#tell(observer => observer.sessionKept?.(session))
  }

  sessionLetGo (session: ObservedSession): void {
    this.#tell(observer => observer.sessionLetGo?.(session))
  }

  countsSessions (store: SessionCounter): void {
    this.#tell(observer => observer.countsSessions?.(store))
  }

  #tell (tell: (observer: Observer) => unknown): void {
    guarded(this.#observers, tell, this.#onError)
  }
}

/** The watches of one connection. */
export class WatchedStream implements StreamWatch {
  readonly #watches: readonly StreamWatch[]
  readonly #onError: OnObserverError

  constructor (watches: readonly StreamWatch[], onError: OnObserverError) {
    this.#watches = watches
    this.#onError = onError
  }

  wrote (events: number, replayed: number): void {
    guarded(this.#watches, watch => watch.wrote(events, replayed), this.#onError)
  }

  closed (reason: 'ended' | 'peer' | 'overflow'): void {
    guarded(this.#watches, watch => watch.closed(reason), this.#onError)
  }
}
