/** What a server's answer to the probe (`server/discover`) says of it (I-2…I-4). Pure. */
import { ErrorCode, isObject, LEGACY_REVISIONS, MODERN_REVISIONS, type JsonObject, type Revision } from '@mcp/protocol'
import { MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_UNEXPECTED_CONTENT } from '../errors.ts'
import { RpcError } from '../rpc/rpc.ts'

export type Probed =
  /** `modern`: it speaks this revision. `again`: it refused the one the probe claimed, and names this one. */
  | { readonly verdict: 'modern' | 'again', readonly revision: Revision, readonly discovered: JsonObject }
  | { readonly verdict: 'legacy', readonly why: Error }
  /** No verdict about the server: it has to be asked later, otherwise, or by somebody else. */
  | { readonly verdict: 'none', readonly error: Error }

/** Newest first: what both sides speak is the first that is in the server's list. */
const OFFERED: readonly Revision[] = MODERN_REVISIONS.toReversed()

export function classifyResult (discovered: JsonObject): Probed {
  return of(discovered.supportedVersions, 'modern', new Error('no answer to server/discover'), discovered)
}

/** @param opaque Whether network errors say nothing, as in browsers, where a refused preflight looks the same as no network. */
export function classifyError (error: Error, opaque: boolean): Probed {
  if (error instanceof RpcError) {
    // Only -32022 is evidence of a modern server; every other error may be an old one's way not to understand.
    const { code, data } = error.rpc
    return of(code === ErrorCode.UnsupportedProtocolVersion && isObject(data) ? data.supported : undefined, 'again', error, {})
  }
  const { status = 0 } = error instanceof MCP_CLIENT_HTTP_STATUS ? error : {}
  const final = (status >= 400 && status < 500 && status !== 403 && status !== 408) || status === 501
  return final || error instanceof MCP_CLIENT_UNEXPECTED_CONTENT || (opaque && error instanceof MCP_CLIENT_CONNECTION_LOST)
    ? { verdict: 'legacy', why: error }
    : { verdict: 'none', error }
}

/** What a list of the server's revisions says. @param why What it stands in. */
function of (versions: unknown, verdict: 'modern' | 'again', why: Error, discovered: JsonObject): Probed {
  if (!Array.isArray(versions)) return { verdict: 'legacy', why }
  const revision = OFFERED.find(offered => versions.includes(offered))
  if (revision !== undefined) return { verdict, revision, discovered }
  const spoken = new Error(`no modern revision in common, it speaks ${versions.join(', ')}`)
  return LEGACY_REVISIONS.some(legacy => versions.includes(legacy)) ? { verdict: 'legacy', why: spoken } : { verdict: 'none', error: spoken }
}
