import { LEGACY_REVISIONS, type Exchange, type McpApplication, type McpSession, type RequestInfo } from '@mcp/protocol'
import { authInfoOf, type SdkAuthInfo } from './auth-info.ts'
import { claim } from './claim.ts'
import { applicationClosed } from './errors.ts'
import { checkFactory } from './factory.ts'
import { Legacy, streamClosers, type StreamClosers } from './legacy.ts'
import { checkLegacyOptions, checkNames, LEGACY_OPTIONS, type LegacyOptions } from './options.ts'
import type { SdkServer, SdkV1ServerLike } from './sdk-server.ts'
import type { MessageExtra } from './server-transport.ts'

export { SdkAdapterError } from './errors.ts'
export type { SdkAuthInfo } from './auth-info.ts'
export type { LegacyOptions } from './options.ts'
export type { SdkV1ServerLike } from './sdk-server.ts'

/** What a factory is told of what it builds a server for. */
export interface SdkV1Context {
  readonly era: 'legacy'
  /** The authenticated caller; absent where nobody was authenticated. */
  readonly authInfo?: SdkAuthInfo
  /** The HTTP request that led to this call. */
  readonly request: RequestInfo
  /** The session the server is for; `null` on an endpoint without sessions. */
  readonly session: McpSession | null
}

/** Builds a server: an `McpServer` or a `Server` of `@modelcontextprotocol/sdk` 1.x, new on every call. */
export type SdkV1Factory = (context: SdkV1Context) => SdkV1ServerLike | Promise<SdkV1ServerLike>

/** What the SDK 1.x passes on to handlers. */
interface Extra extends MessageExtra, StreamClosers {
  requestInfo: { headers: RequestInfo['headers'], readonly url: URL }
  authInfo?: SdkAuthInfo
}

/**
 * Servers of `@modelcontextprotocol/sdk` 1.x as the application of an endpoint, which then offers the legacy revisions.
 *
 * @param factory builds a server: one for each session, again when an idle one was given up. What it throws is answered as
 *   an internal error.
 * @throws {SdkAdapterError} `MCP_SDK_BAD_OPTION`
 */
export function sdkV1Application (factory: SdkV1Factory, options: LegacyOptions = {}): McpApplication {
  checkFactory(factory, 'sdkV1Application')
  checkNames(options, LEGACY_OPTIONS)
  const settings = checkLegacyOptions(options, LEGACY_REVISIONS)
  const create = async (exchange: Exchange): Promise<SdkServer> => {
    const product: unknown = await factory(contextOf(exchange))
    claim<SdkServer>(product, 'v1')
    return product
  }
  const legacy = new Legacy({ create, extra: extraOf }, settings)
  let closed = false
  return {
    revisions: settings.revisions,
    accept (exchange) {
      if (closed) throw applicationClosed()
      return legacy.accept(exchange)
    },
    async close () {
      closed = true
      await legacy.close()
    }
  }
}

function contextOf (exchange: Exchange): SdkV1Context {
  const { request, session } = exchange
  const authInfo = authInfoOf(exchange.principal)
  return authInfo === undefined ? { era: 'legacy', request, session } : { era: 'legacy', request, session, authInfo }
}

function extraOf (exchange: Exchange): Extra {
  const extra: Extra = Object.assign({ requestInfo: new LazyRequestInfo(exchange.request) }, streamClosers(exchange))
  const authInfo = authInfoOf(exchange.principal)
  if (authInfo !== undefined) extra.authInfo = authInfo
  return extra
}

/** Parses the URL only for those who look at it. */
class LazyRequestInfo {
  readonly headers: RequestInfo['headers']
  readonly #url: string

  constructor (info: RequestInfo) {
    this.headers = info.headers
    this.#url = info.url
  }

  get url (): URL {
    return new URL(this.#url)
  }
}
