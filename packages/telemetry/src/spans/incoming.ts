/** Which trace a call belongs to: what the client says in the message, what runs around it here, what the HTTP request says. */
import { metaOf, type ObservedCall } from '@mcp/protocol'
import { context, isSpanContextValid, propagation, trace, type Context, type Link, type SpanContext } from '@opentelemetry/api'
import type { IncomingContext } from '../options.ts'
import { metaGetter } from './meta-context.ts'

export interface Origin {
  readonly parent: Context
  readonly links: readonly Link[]
}

const HEADERS = {
  keys: (headers: ObservedCall['request']['headers']): string[] => Object.keys(headers),
  get: (headers: ObservedCall['request']['headers'], key: string): string | string[] | undefined => {
    const value = headers[key.toLowerCase()]
    return typeof value === 'object' ? [...value] : value
  }
}

/**
 * The message comes first: one HTTP request may carry several, and one message several HTTP requests. What runs around the call here,
 * a span for the HTTP request as a rule, is linked then. That span has looked at the headers already; without one they are read here.
 */
export function originOf ({ message, request }: ObservedCall, incoming: IncomingContext): Origin {
  const here = context.active()
  if (incoming === 'ignore') return { parent: here, links: [] }

  const bare = propagation.deleteBaggage(trace.deleteSpan(here))
  const meta = metaOf(message)
  const said = meta === undefined ? bare : propagation.extract(bare, meta, metaGetter)
  const local = trace.getSpanContext(here) !== undefined
  const around = local ? here : propagation.extract(here, request.headers, HEADERS)
  if (incoming === 'link') return { parent: here, links: linksTo(local ? [said] : [said, around]) }
  if (spanIn(said) !== undefined) return { parent: said, links: linksTo([around], said) }
  const baggage = propagation.getBaggage(said)
  return { parent: baggage === undefined ? around : propagation.setBaggage(around, baggage), links: [] }
}

function spanIn (from: Context): SpanContext | undefined {
  const spanContext = trace.getSpanContext(from)
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined
}

/** One for each span that is named; clients may say the same in both places. */
function linksTo (contexts: readonly Context[], parent?: Context): Link[] {
  const named = new Set(parent === undefined ? [] : [spanIn(parent)?.spanId])
  return contexts.flatMap(from => {
    const spanContext = spanIn(from)
    if (spanContext === undefined || named.has(spanContext.spanId)) return []
    named.add(spanContext.spanId)
    return [{ context: spanContext }]
  })
}
