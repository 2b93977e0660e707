/** Work: a client calls `echo` of one server, 16 calls under way; calls per second. */
import type { Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'
import { clientRounds } from './client-rounds.ts'

export function clientCalls ({ rounds, connections: underWay, echoMs, warmUpMs }: Scale, pinning: Pinning): Promise<Outcome> {
  return clientRounds({
    title: `client, \`echo\` with ${underWay} calls under way`,
    counted: 'calls',
    rounds,
    warmUp: [{ work: 'calls', ms: warmUpMs / 4, underWay }],
    order: { work: 'calls', ms: echoMs, underWay }
  }, pinning)
}
