/** Clients that come and go, for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../chaos/lib/random.ts'
import { LIVES } from './lives.ts'

const AT_ONCE = 6
/** Between two clients of each: two cores should not be the limit. */
const PAUSE_MS = 100

export interface Crowd {
  readonly came: Map<string, number>
  readonly failures: string[]
}

/** @param ms how long new clients come */
export async function crowd (url: string, random: Random, ms: number): Promise<Crowd> {
  const until = performance.now() + ms
  const came = new Map<string, number>()
  const failures: string[] = []
  const names = Object.keys(LIVES)
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (performance.now() < until) {
      const name = random.pick(names)
      came.set(name, (came.get(name) ?? 0) + 1)
      await LIVES[name]?.(url).catch((error: unknown) => failures.push(`${name}: ${String(error)}`))
      await sleep(PAUSE_MS)
    }
  }))
  return { came, failures }
}
