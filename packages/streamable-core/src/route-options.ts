/** What all routes of the endpoint, and of HTTP+SSE, have in common. */
import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import { handleError } from './error-handler.ts'
import { logSerializers } from './logged.ts'
import type { Limits, LogSerializers } from './options.ts'

/** The most milliseconds a timer takes, 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** `@fastify/swagger` lists every route that does not say this. */
const HIDDEN: object = { hide: true }

export type CommonRouteOptions = Pick<
  RouteOptions, 'errorHandler' | 'bodyLimit' | 'exposeHeadRoute' | 'config' | 'schema' | 'logSerializers' | 'handlerTimeout'
>

export interface RouteSettings {
  readonly limits: Pick<Limits, 'bodyBytes'>
  readonly logSerializers?: LogSerializers | undefined
}

export function commonRouteOptions (scope: FastifyInstance, settings: RouteSettings): CommonRouteOptions {
  return {
    errorHandler: handleError,
    bodyLimit: settings.limits.bodyBytes,
    exposeHeadRoute: false,
    config: { mcp: true },
    schema: { ...HIDDEN } as FastifySchema,
    logSerializers: { ...logSerializers, ...settings.logSerializers },
    // It would cut streams, and calls end by the rules of the protocol. A route cannot switch it off, only put it off.
    ...(hasHandlerTimeout(scope) ? { handlerTimeout: LONGEST_TIMER_MS } : {})
  }
}

function hasHandlerTimeout ({ initialConfig }: FastifyInstance): boolean {
  return Number(Reflect.get(initialConfig, 'handlerTimeout') ?? 0) > 0
}

/**
 * Takes the media type from a request whose body means nothing (DELETE, OPTIONS): Fastify answers 415 to each it cannot read, and
 * clients name all kinds of types with every request.
 */
export function ignoreBody (request: FastifyRequest): void {
  delete request.raw.headers['content-type']
}
