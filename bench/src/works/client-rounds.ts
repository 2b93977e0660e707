/** Rounds of one work of clients, all of them with the same server. */
import type { ClientSample, Order } from '../clients/protocol.ts'
import { medianOf, takeTurns } from '../measure.ts'
import { compare } from '../outcome.ts'
import type { Comparison, Outcome, Target } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { RunningClient } from '../running-client.ts'
import type { ClientContestant } from '../running-client.ts'
import { RunningServer } from '../running-server.ts'

const OURS_SESSION: ClientContestant = { name: '`@mcp/client`, session', file: 'ours', manner: 'session' }
const V2_SESSION: ClientContestant = { name: '`@modelcontextprotocol/client`, session', file: 'official-v2', manner: 'session' }
const V1_SESSION: ClientContestant = { name: '`@modelcontextprotocol/sdk` 1.x client, session', file: 'official-v1', manner: 'session' }
const OURS_MODERN: ClientContestant = { name: '`@mcp/client`, modern', file: 'ours', manner: 'modern' }
const V2_MODERN: ClientContestant = { name: '`@modelcontextprotocol/client`, modern', file: 'official-v2', manner: 'modern' }

const CONTESTANTS = [V2_SESSION, OURS_SESSION, V1_SESSION, OURS_MODERN, V2_MODERN]
const PAIRS = [[OURS_SESSION, V2_SESSION], [OURS_SESSION, V1_SESSION], [OURS_MODERN, V2_MODERN]] as const
const TARGET: Target = { atLeast: 1.5 }

export interface ClientWork {
  readonly title: string
  /** What is counted, as in `calls per second`. */
  readonly counted: string
  readonly rounds: number
  readonly warmUp: readonly Order[]
  readonly order: Order
}

export async function clientRounds ({ title, counted, rounds: count, warmUp, order }: ClientWork, pinning: Pinning): Promise<Outcome> {
  const server = await RunningServer.start({ file: 'raw' }, pinning)
  const clients = new Map<string, RunningClient>()
  try {
    for (const contestant of CONTESTANTS) {
      const client = await RunningClient.start(contestant, server.port)
      clients.set(contestant.name, client)
      for (const each of warmUp) await client.obey(each)
    }
    const rounds = await takeTurns([...clients.keys()], count, async name => {
      const client = clients.get(name)
      if (client === undefined) throw new Error(`${name} was not started`)
      return client.obey(order)
    })
    const common = { work: `client, ${counted} per second`, target: TARGET, value: ({ perSecond }: ClientSample) => perSecond }
    const comparisons: Array<Comparison<ClientSample>> = PAIRS.map(([ours, yardstick]) => ({ ...common, ours, yardstick }))
    const figures = [...clients.keys()].map(contestant => ({
      contestant,
      figures: {
        [`${counted} per second`]: Math.round(medianOf(rounds, contestant, ({ perSecond }) => perSecond)).toLocaleString('en'),
        'client CPU': `${medianOf(rounds, contestant, ({ cpu }) => cpu).toFixed(1)} µs`
      }
    }))
    return { title, rows: comparisons.map(comparison => compare(rounds, comparison)), figures, samples: Object.fromEntries(rounds) }
  } finally {
    for (const client of clients.values()) await client.stop()
    await server.stop()
  }
}
