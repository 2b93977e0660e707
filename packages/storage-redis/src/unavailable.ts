import { MCP_STORAGE_UNAVAILABLE } from '@mcp/storage'

/** Replies of a Redis that runs and cannot serve at the moment, or not this client. */
const TEMPORARY = new Set([
  'ASK', 'BUSY', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'MISCONF', 'MOVED', 'NOAUTH', 'NOPERM', 'NOREPLICAS', 'OOM', 'READONLY',
  'TRYAGAIN', 'WRONGPASS'
])

/** Those of a Redis that answers and rejects what it is asked, until somebody changes something there. */
const REJECTED = new Set(['MISCONF', 'NOPERM', 'NOREPLICAS', 'OOM', 'READONLY'])

/** Redis 6 wraps the error of a command in a script: `ERR Error running script (call to f_…): @user_script:3: @user_script: 3: -OOM …`. */
const IN_SCRIPT = /^ERR Error running script .*?: -(([A-Z]+) .*?)\s*$/s
/** How Redis 6 and 7 say in a script what is NOPERM outside of one. */
const ACL_IN_SCRIPT = /^ERR (ACL failure in script|(Error running script .*)?The user executing the script)/s

/** The first word of an error reply, also where the command ran in a script: `READONLY`, `OOM`, … `''` where the error is not a reply. */
export function replyCode (error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return ''
  const { message } = error
  if (!message.startsWith('ERR ')) return message.split(' ', 1)[0] ?? ''
  return ACL_IN_SCRIPT.test(message) ? 'NOPERM' : IN_SCRIPT.exec(message)?.[2] ?? 'ERR'
}

/** The error a caller sees: `MCP_STORAGE_UNAVAILABLE` unless Redis answered that the command itself is wrong. */
export function asUnavailable (error: unknown): Error {
  if (!(error instanceof Error)) return new MCP_STORAGE_UNAVAILABLE(String(error))
  // The client attaches the command with its arguments: messages and principals that must not reach a log.
  Reflect.deleteProperty(error, 'command')
  if (error instanceof MCP_STORAGE_UNAVAILABLE) return error
  if (error.name === 'ReplyError' && !TEMPORARY.has(replyCode(error))) return error
  return new MCP_STORAGE_UNAVAILABLE(error.name === 'MaxRetriesPerRequestError' ? 'the connection broke before Redis answered' : reasonOf(error))
}

/** Whether the connection broke under the command, which Redis may or may not have seen. */
export function isBroken (error: unknown): boolean {
  return error instanceof Error && error.name !== 'ReplyError' && !error.message.startsWith('Command timed out')
}

/** Whether a Redis that can be reached rejects what it is asked, and will until it has room, permissions or another role. */
export function isRejected (error: unknown): boolean {
  return REJECTED.has(replyCode(error))
}

/** What Redis said, without the position in a script and the end of the sentence. */
export function reasonOf (error: Error): string {
  const text = IN_SCRIPT.exec(error.message)?.[1] ?? error.message
  return text.replace(/^ERR /, '').replace(/ script: [0-9a-f]{40}, on @user_script:\d+\.?$/, '').replace(/\.$/, '')
}
