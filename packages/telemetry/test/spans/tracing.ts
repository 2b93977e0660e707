/** OpenTelemetry as an application sets it up, with an exporter that keeps what it gets. */
import { context, trace, type Attributes, type Span } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-node'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { until } from '../helper.ts'

export interface Tracing {
  /** Spans that ended, of calls alone. */
  calls: () => ReadableSpan[]
  /** The span of one call, once it has ended. */
  ended: (name: string, matches?: (span: ReadableSpan) => boolean) => Promise<ReadableSpan>
  all: () => ReadableSpan[]
  reset: () => void
}

export function setUpTracing (t: Test): Tracing {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  t.teardown(() => provider.shutdown())
  const all = (): ReadableSpan[] => exporter.getFinishedSpans()
  const calls = (): ReadableSpan[] => all().filter(span => span.instrumentationScope.name === '@mcp/telemetry')
  const ended: Tracing['ended'] = async (name, matches = () => true) => {
    const found = (): ReadableSpan | undefined => calls().find(span => span.name === name && matches(span))
    await until(() => found() !== undefined)
    const span = found()
    if (span === undefined) throw new Error(`no span ${name}`)
    return span
  }
  return { calls, ended, all, reset: () => exporter.reset() }
}

/** A span around each HTTP request, as instrumentations of HTTP make one: what the request's events run is inside. */
export function instrumentHttp (app: FastifyInstance): void {
  const spans = new WeakMap<object, Span>()
  app.addHook('onRequest', (request, _reply, done) => {
    const span = trace.getTracer('http').startSpan(request.method)
    spans.set(request.raw, span)
    const within = trace.setSpan(context.active(), span)
    context.bind(within, request.raw)
    context.with(within, done)
  })
  app.addHook('onResponse', async request => spans.get(request.raw)?.end())
}

export function attributes ({ attributes }: ReadableSpan): Attributes {
  return attributes
}
