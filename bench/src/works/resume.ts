/** Work: a client lost its stream after the first message, and comes back for the 10,000 after it. */
import { RAW_SESSION } from '../contestants.ts'
import { handOver } from '../load/hand-over.ts'
import { lose, readToEnd, resume as resumeStream } from '../load/resume.ts'
import type { LostStream, ResumeSample } from '../load/resume.ts'
import { medianOf, takeTurns } from '../measure.ts'
import { limit } from '../outcome.ts'
import type { Outcome, Row } from '../outcome.ts'
import type { Pinning } from '../pin.ts'
import { RunningServer } from '../running-server.ts'
import type { Script } from '../running-server.ts'
import type { Scale } from '../scale.ts'
import { on, Storages } from '../storages.ts'

const HERE = '`raw`, SQLite'
const ELSEWHERE = '`raw`, SQLite, on another node'
const WIRE = '(bare loop, the same bytes)'

const first = (sample: ResumeSample) => sample.first
const all = (sample: ResumeSample) => sample.all
const ms = (value: number) => `${value.toFixed(1)} ms`

export async function resume (scale: Scale, pinning: Pinning): Promise<Outcome> {
  const storages = await Storages.make(pinning)
  const servers: RunningServer[] = []
  const start = async (script: Script): Promise<number> => {
    const server = await RunningServer.start(script, pinning)
    servers.push(server)
    return server.port
  }
  try {
    const { script } = on(RAW_SESSION, 'SQLite', storages.sqlite(), '--events', String(2 * scale.missedEvents))
    const [here, elsewhere, wire] = [await start(script), await start(script), await start({ file: 'wire' })]
    const sample = await lose(here, scale.missedEvents)
    await handOver(wire, await readToEnd(here, sample))

    // The other one of the nodes looks whether all is stored: the one that is asked has not read it before.
    const takes: Readonly<Record<string, () => Promise<ResumeSample>>> = {
      [HERE]: async () => resumeStream(here, await lostAndStored(here, elsewhere, scale)),
      [ELSEWHERE]: async () => resumeStream(elsewhere, await lostAndStored(here, here, scale)),
      [WIRE]: () => resumeStream(wire, sample)
    }
    const take = async (name: string): Promise<ResumeSample> => takes[name]?.() ?? Promise.reject(new Error(`Nobody is ${name}`))
    await takeTurns(Object.keys(takes), 2, take)
    const rounds = await takeTurns(Object.keys(takes), scale.storageRounds, take)
    const row = (ours: string, work: string, value: (sample: ResumeSample) => number, atMost: number): Row => limit(rounds, {
      work, ours: { name: ours }, yardstick: `${WIRE}: ${ms(medianOf(rounds, WIRE, value))}`, unit: 'ms', target: { atMost }, value
    })
    const what = `resume after ${scale.missedEvents.toLocaleString('en')} missed events`
    const rows = [HERE, ELSEWHERE].flatMap(ours => [
      row(ours, `${what}, the first`, first, 50),
      row(ours, `${what}, all`, all, 500)
    ])
    const figures = Object.keys(takes).map(contestant => ({
      contestant, figures: { 'first event': ms(medianOf(rounds, contestant, first)), 'all events': ms(medianOf(rounds, contestant, all)) }
    }))
    return { title: what, rows, figures, samples: Object.fromEntries(rounds) }
  } finally {
    for (const server of servers) await server.stop()
    await storages.remove()
  }
}

async function lostAndStored (port: number, witness: number, { missedEvents }: Scale): Promise<LostStream> {
  const lost = await lose(port, missedEvents)
  await readToEnd(witness, lost)
  return lost
}
