/** One call answered with a burst of progress events on its stream, then the result. */
import { checkBurst, EventCounter, messagesIn } from './burst-events.ts'
import { Connection } from './connection.ts'
import { EventStream } from './event-stream.ts'
import { burstRequest, FIRST_ID } from './requests.ts'
import type { Addressing } from './requests.ts'
import { open } from './session.ts'
import type { Manner } from './session.ts'

export interface BurstSample {
  readonly events: number
  readonly perSecond: number
}

export class BurstLoad {
  readonly #port: number
  readonly #addressing: Addressing
  #nextId = FIRST_ID
  /** Messages of a first burst, the same call for every contestant. */
  messages: readonly string[] = []

  private constructor (port: number, addressing: Addressing) {
    this.#port = port
    this.#addressing = addressing
  }

  /** Opens a session where the manner has one, and reads one burst event by event to see that all came, in order. */
  static async prepare (port: number, manner: Manner, count: number): Promise<BurstLoad> {
    const connection = await Connection.open(port)
    const load = new BurstLoad(port, await open(connection, port, manner))
    connection.close()
    const texts: string[] = []
    await load.#burst(count, text => { texts.push(text) })
    load.messages = messagesIn(texts.join(''))
    checkBurst(load.messages, { first: 1, last: count }, FIRST_ID)
    return load
  }

  /** `count` events on a stream, `times` times, one stream after the other. */
  async run (count: number, times: number): Promise<BurstSample> {
    const start = performance.now()
    for (let i = 0; i < times; i++) {
      const events = new EventCounter()
      await this.#burst(count, text => events.add(text))
      if (events.count !== count + 1) throw new Error(`Expected ${count + 1} events, got ${events.count}`)
    }
    const events = count * times
    return { events, perSecond: events / ((performance.now() - start) / 1000) }
  }

  async #burst (count: number, onText: (text: string) => void): Promise<void> {
    const stream = await EventStream.open(this.#port, burstRequest(this.#port, this.#addressing, this.#nextId++, count), onText)
    await stream.ended
    stream.close()
  }
}
