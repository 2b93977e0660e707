/** A span for each call, as the semantic conventions for MCP describe those of servers. */
import type { CallEnd, CallWatch, ObservedCall, Observer, Refusal } from '@mcp/protocol'
import { context, SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api'
import type { IncomingContext } from '../options.ts'
import { targetOf, type Vocabulary } from '../vocabulary.ts'
import { attributesOf, errorOf } from './attributes.ts'
import { originOf } from './incoming.ts'

const SCOPE = '@mcp/telemetry'

export class SpanObserver implements Observer {
  readonly #vocabulary: Vocabulary
  readonly #incoming: IncomingContext

  constructor (vocabulary: Vocabulary, incoming: IncomingContext) {
    this.#vocabulary = vocabulary
    this.#incoming = incoming
  }

  began (call: ObservedCall): CallWatch {
    const { parent, links } = originOf(call, this.#incoming)
    // Asked for each time: who sets up OpenTelemetry may do so late, and change their mind.
    const tracer = trace.getTracer(SCOPE)
    const name = spanName(call, this.#vocabulary)
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: attributesOf(call), links: [...links] }, parent)
    return new CallSpan(span, trace.setSpan(parent, span), call, this.#vocabulary)
  }

  /** There is no call yet; where the HTTP request has a span, that one tells. */
  refused ({ rung, status }: Refusal): void {
    trace.getActiveSpan()?.addEvent('mcp.refused', { 'mcp.refusal.rung': rung, 'http.response.status_code': status })
  }
}

class CallSpan implements CallWatch {
  readonly #span: Span
  readonly #context: Context
  readonly #call: ObservedCall
  readonly #vocabulary: Vocabulary

  constructor (span: Span, within: Context, call: ObservedCall, vocabulary: Vocabulary) {
    this.#span = span
    this.#context = within
    this.#call = call
    this.#vocabulary = vocabulary
  }

  run (work: () => void): void {
    context.with(this.#context, work)
  }

  failed (error: unknown): void {
    this.#span.recordException(error instanceof Error ? error : String(error))
  }

  ended (end: CallEnd): void {
    const span = this.#span
    if (span.isRecording()) {
      // Its first success may have made the name of a tool known.
      span.updateName(spanName(this.#call, this.#vocabulary))
      const { errorType } = this.#vocabulary.ending(end)
      if (errorType !== '') this.#tell(end, errorType)
    }
    span.end()
  }

  #tell (end: CallEnd, errorType: string): void {
    const error = errorOf(end)
    this.#span.setAttribute('error.type', error?.code ?? errorType)
    if (error !== null) this.#span.setAttribute('rpc.response.status_code', error.code)
    if (end.kind === 'refused') this.#span.setAttribute('mcp.refusal.rung', end.refusal.rung)
    const message = error?.message ?? ('reason' in end ? end.reason : undefined)
    this.#span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
  }
}

/** Made of known words alone, so that there are not more names than a backend can group by. */
function spanName ({ message }: ObservedCall, vocabulary: Vocabulary): string {
  const method = vocabulary.method(message)
  const target = targetOf(message.method)
  const name = message.params?.name
  const known = target === 'tool' ? vocabulary.tools : vocabulary.prompts
  return target !== null && typeof name === 'string' && known.knows(name) ? `${method} ${name}` : method
}
