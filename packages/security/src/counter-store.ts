/** Our counters in the form `@fastify/rate-limit` asks for, so that all limits count in one place. */
import type { FastifyRateLimitStoreCtor, FastifyRateLimitStore } from '@fastify/rate-limit'
import type { Counters } from './counters.ts'

type Callback = Parameters<FastifyRateLimitStore['incr']>[1]

/** @param name leads every key, so that counts of different limits never meet. */
export function counterStore (counters: Counters, name: string): FastifyRateLimitStoreCtor {
  return class CounterStore implements FastifyRateLimitStore {
    incr (key: string, callback: Callback, windowMs: number): void {
      const counted = counters.hit(`${name}:${key}`, windowMs)
      if (!(counted instanceof Promise)) return callback(null, { current: counted.count, ttl: counted.leftMs })
      counted.then(({ count, leftMs }) => callback(null, { current: count, ttl: leftMs }), callback)
    }

    /** A route with a limit of its own (`config.rateLimit`) counts apart. */
    child (settings: object): FastifyRateLimitStore {
      const { method, url } = (Reflect.get(settings, 'routeInfo') ?? {}) as { method?: unknown, url?: unknown }
      return new (counterStore(counters, url === undefined ? name : `${name}:${String(method)}:${String(url)}`))({})
    }
  }
}
