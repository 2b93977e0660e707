/** Work: a client reads the stream of one `burst`; events per second received. */
import type { Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { clientRounds } from './client-rounds.ts'

export function clientEvents ({ rounds, burstEvents: count }: Scale, pinning: Pinning): Promise<Outcome> {
  const order = { work: 'events', count, times: 1 } as const
  return clientRounds({ title: `client, \`burst\` of ${count} events`, counted: 'events', rounds, warmUp: [order, order], order }, pinning)
}
