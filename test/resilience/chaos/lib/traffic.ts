/** Everything clients do, at the same time and at random, until told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject, type JsonObject } from '@mcp/protocol'
import { connectClient, KINDS, type ChaosClient } from './chaos-client.ts'
import type { Ledger } from './ledger.ts'
import { listenOn, standalone } from './subscriptions.ts'
import type { Random } from './random.ts'

const CLIENTS_PER_KIND = 2
const WORKERS_PER_CLIENT = 2
/** Between two calls of a worker, so that two cores have room for the rest. */
const PAUSE_MS = 100

export class Traffic {
  readonly clients: readonly ChaosClient[]
  readonly #ledger: Ledger
  readonly #random: Random
  readonly #sessions: ReadonlyArray<string | undefined>
  readonly #stopped = new AbortController()
  readonly #workers: Array<Promise<void>>

  constructor (clients: readonly ChaosClient[], ledger: Ledger, random: Random) {
    this.clients = clients
    this.#ledger = ledger
    this.#random = random
    this.#sessions = clients.map(client => client.sessionId)
    this.#workers = clients.flatMap(client => {
      const workers = Array.from({ length: WORKERS_PER_CLIENT }, () => this.#work(client))
      if (client.kind === 'client 2.x modern') workers.push(listenOn(client, ledger, this.#stopped.signal))
      return workers
    })
  }

  /** Ends when the last call has. Then every session must be the one it was, and its standalone stream must work. */
  async stop (): Promise<void> {
    this.#stopped.abort()
    await Promise.all(this.#workers)
    await Promise.all(this.clients.map(async (client, index) => {
      this.#ledger.expect(client.sessionId === this.#sessions[index], `${client.name} had to initialize again`)
      if (client.kind !== 'client 2.x modern') await standalone(client, this.#ledger)
    }))
    await Promise.all(this.clients.map(client => client.close()))
  }

  async #work (client: ChaosClient): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#random.pick(JOBS)(client, this.#ledger, this.#random)
      await sleep(PAUSE_MS)
    }
  }
}

export async function startTraffic (url: string, ledger: Ledger, random: Random): Promise<Traffic> {
  const names = KINDS.flatMap(kind => Array.from({ length: CLIENTS_PER_KIND }, (_, index) => ({ kind, name: `${kind} #${index + 1}` })))
  const clients = await Promise.all(names.map(({ kind, name }) => connectClient(name, kind, url, ledger)))
  return new Traffic(clients, ledger, random)
}

type Work = (client: ChaosClient, ledger: Ledger, random: Random) => Promise<void>

/**
 * A session keeps its last 1,000 events. What the other workers of a client send while it waits for a node must leave room for
 * what it waits for.
 */
const MOST_IN_A_BURST = 100

const echo: Work = (client, ledger) => calling(client, ledger, 'echo', 0, token => ({ name: 'echo', args: { text: token }, says: token }))

const burst: Work = (client, ledger, random) => {
  const count = random.between(10, MOST_IN_A_BURST)
  return calling(client, ledger, 'burst', count, () => ({ name: 'burst', args: { count }, says: `Sent ${count} ` }))
}

const countdown: Work = (client, ledger, random) => {
  const seconds = random.between(1, 4)
  return calling(client, ledger, 'countdown', seconds, () => ({ name: 'countdown', args: { seconds }, says: `Counted ${seconds} ` }))
}

const elicitation: Work = (client, ledger) =>
  calling(client, ledger, 'elicitation', 0, token => ({ name: 'test_elicitation', args: { message: token }, says: 'ada@example.com' }))

const sampling: Work = (client, ledger) =>
  calling(client, ledger, 'sampling', 0, token => ({ name: 'test_sampling', args: { prompt: token }, says: 'Paris' }))

/** The server lets go of the connection before it answers, so another node brings the answer. */
const reconnection: Work = (client, ledger) =>
  calling(client, ledger, 'reconnection', 0, () => ({ name: 'test_reconnection', args: {}, says: 'Answered after' }))

const JOBS: readonly Work[] = [echo, echo, burst, burst, countdown, elicitation, sampling, reconnection]

interface Call {
  readonly name: string
  readonly args: JsonObject
  /** Words of the right answer. */
  readonly says: string
}

async function calling (client: ChaosClient, ledger: Ledger, kind: string, events: number, callOf: (token: string) => Call): Promise<void> {
  await ledger.run(kind, events, async (token, signal) => {
    const { name, args, says } = callOf(token)
    const result = await client.call(name, args, token, signal)
    const text = textOf(result)
    ledger.expect(text.includes(says), `${client.name}: ${token} was answered with ${text}`)
  })
}

function textOf ({ content }: JsonObject): string {
  return Array.isArray(content) ? content.map((block: unknown) => isObject(block) ? String(block.text) : '').join('\n') : ''
}
