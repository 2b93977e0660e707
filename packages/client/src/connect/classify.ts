/** What a server's answer to the probe (`server/discover`) says of it (I-2…I-4). Pure. */
import { ErrorCode, eraOf, isObject, isRevision, LEGACY_REVISIONS, MODERN_REVISIONS, type JsonObject, type Revision } from '@mcp/protocol'
import { McpClientError } from '../coded-error.ts'
import { MCP_CLIENT_CONNECTION_LOST, MCP_CLIENT_HTTP_STATUS, MCP_CLIENT_UNEXPECTED_CONTENT } from '../errors.ts'
import { RpcError } from '../rpc/rpc.ts'

export type Probed =
  /** It speaks this modern revision. */
  | { readonly verdict: 'modern', readonly revision: Revision, readonly discovered: JsonObject }
  /** It refused the revision the probe claimed, and names this one. */
  | { readonly verdict: 'again', readonly revision: Revision }
  | { readonly verdict: 'legacy', readonly why: Error }
  /** No verdict about the server: it has to be asked later, otherwise, or by somebody else. */
  | { readonly verdict: 'none', readonly error: Error }

/** Newest first: what both sides speak is the first that is in the server's list. */
const OFFERED: readonly Revision[] = MODERN_REVISIONS.toReversed()

export function classifyResult (discovered: JsonObject): Probed {
  const versions = discovered.supportedVersions
  if (!Array.isArray(versions)) return { verdict: 'legacy', why: new Error('the answer to server/discover is not one') }
  const revision = OFFERED.find(offered => versions.includes(offered))
  if (revision !== undefined) return { verdict: 'modern', revision, discovered }
  return speaksLegacy(versions)
    ? { verdict: 'legacy', why: new Error(`it speaks ${versions.join(', ')}`) }
    : { verdict: 'none', error: new Error(`no revision in common: the server speaks ${versions.join(', ')}`) }
}

/** @param opaque Whether network errors say nothing, as in browsers, where a refused preflight looks the same as no network. */
export function classifyError (error: Error, opaque: boolean): Probed {
  if (error instanceof RpcError) return classifyRpcError(error)
  if (error instanceof MCP_CLIENT_UNEXPECTED_CONTENT) return { verdict: 'legacy', why: error }
  if (error instanceof MCP_CLIENT_HTTP_STATUS) {
    const { status = 0 } = error
    const final = (status >= 400 && status < 500 && status !== 403 && status !== 408) || status === 501
    return final ? { verdict: 'legacy', why: error } : { verdict: 'none', error }
  }
  if (opaque && error instanceof MCP_CLIENT_CONNECTION_LOST && error instanceof McpClientError) return { verdict: 'legacy', why: error }
  return { verdict: 'none', error }
}

/** Only -32022 is evidence of a modern server; every other error may be an old one's way not to understand. */
function classifyRpcError (error: RpcError): Probed {
  const { code, data } = error.rpc
  const supported: unknown = isObject(data) ? data.supported : undefined
  if (code !== ErrorCode.UnsupportedProtocolVersion || !Array.isArray(supported)) return { verdict: 'legacy', why: error }
  const revision = OFFERED.find(offered => supported.includes(offered))
  if (revision !== undefined) return { verdict: 'again', revision }
  return speaksLegacy(supported) ? { verdict: 'legacy', why: error } : { verdict: 'none', error }
}

function speaksLegacy (versions: readonly unknown[]): boolean {
  return versions.some(version => isRevision(version) && eraOf(version) === 'legacy' && LEGACY_REVISIONS.includes(version))
}
