/** Work: where the time of one `echo` goes, in whose code. Says why a ratio is what it is; has no target of its own. */
import type { Profiler } from 'node:inspector'
import { BARE_MODERN, BARE_SESSION, HANDLER, NODE_JSON, RAW_MODERN, RAW_SESSION, SDK_MODERN, SDK_SESSION } from '../contestants.ts'
import type { Contestant } from '../contestants.ts'
import { Fleet } from '../fleet.ts'
import { EchoLoad } from '../load/echo.ts'
import type { Figure, Outcome } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import type { Scale } from '../scale.ts'

const CONTESTANTS = [BARE_SESSION, RAW_SESSION, BARE_MODERN, RAW_MODERN, NODE_JSON, SDK_SESSION, HANDLER, SDK_MODERN]

/** Whose code a function is, by its name or the file it stands in; the first that fits. */
const OWNERS: ReadonlyArray<readonly [string, RegExp]> = [
  ['waiting', /^\(idle\)$/],
  ['writing to sockets', /^writev$|^writeUtf8String$|^writeLatin1String$|^writeBuffer$/],
  ['collecting garbage', /^\(garbage collector\)$/],
  ['`@mcp/*`', /\/packages\/[\w-]+\/dist\/|\/node_modules\/@mcp\//],
  ['Fastify', /\/node_modules\/(?:fastify|find-my-way|secure-json-parse|fast-json-stringify|@fastify)\//],
  ['SDK, zod', /\/node_modules\/(?:@modelcontextprotocol|zod)\//],
  ['server of the bench', /\/bench\/dist\//],
  ['Node.js', /^node:/]
]
const REST = 'rest'

export async function profile (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const figures: Figure[] = []
  const samples: Record<string, unknown[]> = {}
  for (const contestant of CONTESTANTS) {
    const spent = await spentPerCall(contestant, scale, pinning)
    samples[contestant.name] = [spent]
    const columns = [...OWNERS.map(([owner]) => owner), REST].filter(owner => owner !== 'waiting')
    const cells = columns.map(owner => [owner, (spent[owner] ?? 0).toFixed(1)])
    figures.push({ contestant: contestant.name, figures: Object.fromEntries(cells) })
  }
  return { title: 'One `echo` under the sampling profiler, microseconds by whose code runs', rows: [], figures, samples }
}

async function spentPerCall (contestant: Contestant, scale: Scale, pinning: Pinning): Promise<Record<string, number>> {
  const fleet = await Fleet.start([contestant], pinning)
  try {
    const server = fleet.serverOf(contestant)
    const load = await EchoLoad.prepare(server, contestant.manner, scale.connections)
    await load.warmUp(scale.warmUpCalls, scale.warmUpMs)
    let calls = 0
    const seen = await server.profile(async () => { calls = (await load.run(scale.profileMs)).calls })
    return Object.fromEntries([...byOwner(seen)].map(([owner, microseconds]) => [owner, microseconds / calls]))
  } finally {
    await fleet.stop()
  }
}

/** Microseconds in the code of each owner, callees not included. */
function byOwner ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame.functionName, callFrame.url)]))
  const spent = new Map<string, number>()
  samples.forEach((id, i) => {
    const owner = owners.get(id) ?? REST
    spent.set(owner, (spent.get(owner) ?? 0) + (timeDeltas[i] ?? 0))
  })
  return spent
}

function ownerOf (functionName: string, url: string): string {
  const known = OWNERS.find(([, pattern]) => pattern.test(functionName) || pattern.test(url))
  return known?.[0] ?? REST
}
