import {
  eraOf, REVISIONS, type Era, type Exchange, type McpApplication, type McpSession, type RequestInfo
} from '@mcp/protocol'
import { authInfoOf, type SdkAuthInfo } from './auth-info.ts'
import { claim } from './claim.ts'
import { applicationClosed } from './errors.ts'
import { checkFactory } from './factory.ts'
import { lazyRequest } from './lazy-request.ts'
import { Legacy, streamClosers, type StreamClosers } from './legacy.ts'
import type { Product } from './modern-binding.ts'
import { ModernFresh } from './modern-fresh.ts'
import { ModernPool } from './modern-pool.ts'
import { checkLegacyOptions, checkModernOptions, checkNames, SDK_OPTIONS, type SdkApplicationOptions } from './options.ts'
import type { SdkServerLike } from './sdk-server.ts'
import type { MessageExtra } from './server-transport.ts'

/** What a factory is told of what it builds a server for. It holds all that the SDK's own `McpServerFactory` takes. */
export interface SdkContext {
  /** `legacy`: the server serves a session, or one message where there are none. `modern`: one message, unless reused. */
  readonly era: Era
  /** The authenticated caller; absent where nobody was authenticated. */
  readonly authInfo?: SdkAuthInfo
  /** The HTTP request that led to this call. */
  readonly request: RequestInfo
  /** The same as a web-standard `Request`, without its body. */
  readonly requestInfo: Request
  /** The legacy session the server is for, or `null`. */
  readonly session: McpSession | null
}

/** Builds a server: an `McpServer` or a `Server` of `@modelcontextprotocol/server` 2.x, new on every call. */
export type SdkFactory = (context: SdkContext) => SdkServerLike | Promise<SdkServerLike>

/** What the SDK passes on to handlers. */
interface Extra extends MessageExtra, StreamClosers {
  request: Request
  authInfo?: SdkAuthInfo
}

/**
 * Servers of `@modelcontextprotocol/server` 2.x as the application of an endpoint, in every era.
 *
 * @param factory builds a server: one for each legacy session (again when an idle one was given up) and one for each modern
 *   request. What it throws is answered as an internal error.
 * @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`
 */
export function sdkApplication (factory: SdkFactory, options: SdkApplicationOptions = {}): McpApplication {
  checkFactory(factory, 'sdkApplication')
  checkNames(options, SDK_OPTIONS)
  const settings = checkLegacyOptions(options, REVISIONS)
  const { reuse, maxReused, publish } = checkModernOptions(options)
  const create = async (exchange: Exchange): Promise<Product> => {
    const product: unknown = await factory(contextOf(exchange))
    claim<Product>(product, 'v2')
    return product
  }
  const legacy = new Legacy({ create, extra: legacyExtra }, settings)
  const parts = { create, extra: modernExtra, publish, onError: settings.onError }
  const modern = reuse === 'never' ? new ModernFresh(parts) : new ModernPool(parts, { idleMs: settings.idleMs, maxReused })
  let closed = false
  return {
    revisions: settings.revisions,
    accept (exchange) {
      if (closed) throw applicationClosed()
      return eraOf(exchange.revision) === 'modern' ? modern.accept(exchange) : legacy.accept(exchange)
    },
    async close () {
      closed = true
      await Promise.all([legacy.close(), modern.close()])
    }
  }
}

function contextOf (exchange: Exchange): SdkContext {
  const authInfo = authInfoOf(exchange.principal)
  const context = {
    era: eraOf(exchange.revision),
    request: exchange.request,
    requestInfo: lazyRequest(exchange),
    session: exchange.session
  }
  return authInfo === undefined ? context : { ...context, authInfo }
}

function extraOf (exchange: Exchange): Extra {
  const extra: Extra = { request: lazyRequest(exchange) }
  const authInfo = authInfoOf(exchange.principal)
  if (authInfo !== undefined) extra.authInfo = authInfo
  return extra
}

function legacyExtra (exchange: Exchange): Extra {
  return Object.assign(extraOf(exchange), streamClosers(exchange))
}

function modernExtra (exchange: Exchange): Extra {
  return Object.assign(extraOf(exchange), { classification: { era: 'modern', revision: exchange.revision } })
}
