import { McpClientError, type Attempt } from '../coded-error.ts'
import { MCP_CLIENT_NO_TRANSPORT } from '../errors.ts'

/** Nothing worked: the first reason, and all of them (I-7). */
export function noTransport (attempts: readonly Attempt[]): McpClientError {
  const cause = attempts[0]?.error
  const { status, body } = cause instanceof McpClientError ? cause : { status: undefined, body: undefined }
  return new MCP_CLIENT_NO_TRANSPORT(attempts.map(({ what, error }) => `${what}: ${error.message}`).join('; '), { cause, status, body, attempts })
}
