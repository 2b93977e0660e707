/** What a server's answer to the probe (`server/discover`) says of it (I-2…I-4). Pure. */
import { isObject, LEGACY_REVISIONS, MODERN_REVISIONS, type JsonObject, type Revision } from '@mcp/protocol'
import * as ErrorCode from '@mcp/protocol/error-code'
import { MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_UNEXPECTED_CONTENT } from '../errors.ts'
import { RpcError } from '../rpc/rpc.ts'

export interface Probed {
  /**
   * `again`: it refused the revision the probe claimed, and names `revision`. `none`: no verdict about the server; it has to be asked
   * later, otherwise, or by somebody else.
   */
  readonly verdict: 'modern' | 'again' | 'legacy' | 'none'
  /** What both sides speak, where the verdict is `modern` or `again`. */
  readonly revision?: Revision
  /** Why it is not taken for modern, where it is not. */
  readonly error: Error
}

/** Newest first: what both sides speak is the first that is in the server's list. */
const OFFERED: readonly Revision[] = MODERN_REVISIONS.toReversed()

export function classifyResult ({ supportedVersions }: JsonObject): Probed {
  return of(supportedVersions, 'modern', new Error('no answer to server/discover'))
}

/** @param opaque Whether network errors say nothing, as in browsers, where a refused preflight looks the same as no network. */
export function classifyError (error: Error, opaque: boolean): Probed {
  if (error instanceof RpcError) {
    // Only -32022 is evidence of a modern server; every other error may be an old one's way not to understand.
    const { code, data } = error.rpc
    return of(code === ErrorCode.UnsupportedProtocolVersion && isObject(data) ? data.supported : undefined, 'again', error)
  }
  const { status = 0 } = error instanceof MCP_CLIENT_HTTP_STATUS ? error : {}
  const final = (status >= 400 && status < 500 && status !== 403 && status !== 408) || status === 501
  const old = final || error instanceof MCP_CLIENT_UNEXPECTED_CONTENT || (opaque && error instanceof MCP_CLIENT_CONNECTION_LOST)
  return { verdict: old ? 'legacy' : 'none', error }
}

/** What a list of the server's revisions says. @param error Why there is none. */
function of (versions: unknown, verdict: 'modern' | 'again', error: Error): Probed {
  if (!Array.isArray(versions)) return { verdict: 'legacy', error }
  const revision = OFFERED.find(offered => versions.includes(offered))
  if (revision !== undefined) return { verdict, revision, error }
  return {
    verdict: LEGACY_REVISIONS.some(legacy => versions.includes(legacy)) ? 'legacy' : 'none',
    error: new Error(`no modern revision in common, it speaks ${versions.join(', ')}`)
  }
}
