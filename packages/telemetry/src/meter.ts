/** Counts what the rooms tell. */
import type {
  CallEnd, CallWatch, JsonRpcNotification, JsonRpcRequest, ObservedCall, ObservedSession, ObservedStream, Observer, Refusal, Revision,
  SessionCounter, StreamKind, StreamWatch
} from '@mcp/protocol'
import { DurationSeries, SESSION_BOUNDS } from './durations.ts'
import { Operations } from './operations.ts'
import { Tally } from './tally.ts'
import { targetOf, type Vocabulary } from './vocabulary.ts'

export class Meter implements Observer {
  readonly vocabulary: Vocabulary
  readonly operations: Operations
  readonly refusals: Tally
  readonly sessionsOpened: Tally
  readonly sessionsEnded: Tally
  readonly streamsOpened: Tally
  readonly streamsClosed: Tally
  readonly eventsWritten: Tally
  readonly eventsReplayed: Tally
  readonly sessionDurations = new Map<string, DurationSeries>()
  readonly stores = new Set<SessionCounter>()
  /** Requests whose answer is owed. */
  inFlight = 0
  /** Sessions this node holds something of. */
  sessions = 0

  constructor (vocabulary: Vocabulary, mostSeries: number) {
    this.vocabulary = vocabulary
    this.operations = new Operations(mostSeries)
    this.refusals = new Tally(['rung', 'status'], mostSeries)
    this.sessionsOpened = new Tally(['mcp_protocol_version'], mostSeries)
    this.sessionsEnded = new Tally(['mcp_protocol_version'], mostSeries)
    this.streamsOpened = new Tally(['kind'], mostSeries)
    this.streamsClosed = new Tally(['kind', 'reason'], mostSeries)
    this.eventsWritten = new Tally(['kind'], mostSeries)
    this.eventsReplayed = new Tally(['kind'], mostSeries)
  }

  began ({ message, revision }: ObservedCall): CallWatch {
    return new CallMeter(this, message, revision)
  }

  refused ({ rung, status }: Refusal): void {
    this.refusals.add(1, rung, String(status))
  }

  streamOpened ({ kind }: ObservedStream): StreamWatch {
    this.streamsOpened.add(1, kind)
    return new StreamMeter(this, kind)
  }

  sessionOpened ({ revision }: ObservedSession): void {
    this.sessionsOpened.add(1, revision)
  }

  sessionEnded ({ revision, createdAt }: ObservedSession): void {
    this.sessionsEnded.add(1, revision)
    let durations = this.sessionDurations.get(revision)
    if (durations === undefined) this.sessionDurations.set(revision, durations = new DurationSeries(SESSION_BOUNDS))
    durations.observe(Math.max(0, Date.now() - createdAt) / 1000)
  }

  sessionKept (): void {
    this.sessions++
  }

  sessionLetGo (): void {
    this.sessions--
  }

  countsSessions (store: SessionCounter): void {
    this.stores.add(store)
  }
}

class CallMeter implements CallWatch {
  readonly #meter: Meter
  readonly #message: JsonRpcRequest | JsonRpcNotification
  readonly #revision: Revision
  readonly #startedAt = performance.now()

  constructor (meter: Meter, message: JsonRpcRequest | JsonRpcNotification, revision: Revision) {
    this.#meter = meter
    this.#message = message
    this.#revision = revision
    if ('id' in message) meter.inFlight++
  }

  ended (end: CallEnd): void {
    const message = this.#message
    const { vocabulary, operations } = this.#meter
    if ('id' in message) this.#meter.inFlight--
    vocabulary.learn(message, end)
    const target = targetOf(message.method)
    const method = vocabulary.method(message)
    const { outcome, errorType } = vocabulary.ending(end)
    const operation = { method, target, name: vocabulary.name(target, message), revision: this.#revision, outcome, errorType }
    operations.observe(operation, (performance.now() - this.#startedAt) / 1000)
  }
}

class StreamMeter implements StreamWatch {
  readonly #meter: Meter
  readonly #kind: StreamKind

  constructor (meter: Meter, kind: StreamKind) {
    this.#meter = meter
    this.#kind = kind
  }

  wrote (events: number, replayed: number): void {
    this.#meter.eventsWritten.add(events, this.#kind)
    if (replayed > 0) this.#meter.eventsReplayed.add(replayed, this.#kind)
  }

  closed (reason: 'ended' | 'peer' | 'overflow'): void {
    this.#meter.streamsClosed.add(1, this.#kind, reason)
  }
}
