import { ErrorCode, errorResponse, isErrorResponse, isObject, type JsonRpcResponse } from '@mcp/protocol'

const MAX_ISSUES = 5

/**
 * The SDK puts the message of whatever a handler throws on the wire as an internal error, SQL and paths included, and what
 * its own check of the params throws along with it. The latter becomes the invalid params it is, the rest is
 * withheld and given to `report`.
 */
export function withholdDetails (response: JsonRpcResponse, report: (message: string) => void): JsonRpcResponse {
  if (!isErrorResponse(response) || response.error.code !== ErrorCode.InternalError) return response
  const { id, error } = response
  const issues = paramIssues(error.message)
  if (issues !== undefined) return errorResponse(id ?? undefined, ErrorCode.InvalidParams, `Invalid params: ${issues}`)
  report(error.message)
  return errorResponse(id ?? undefined, ErrorCode.InternalError, 'Internal error')
}

/** The message of a failed check of a whole request is its list of issues, as JSON. */
function paramIssues (message: string): string | undefined {
  if (!message.startsWith('[')) return undefined
  const issues = parse(message)
  if (!Array.isArray(issues) || issues.length === 0) return undefined
  const lines: string[] = []
  for (const issue of issues.slice(0, MAX_ISSUES)) {
    if (!isObject(issue) || !Array.isArray(issue.path) || issue.path[0] !== 'params') return undefined
    lines.push(`${issue.path.join('.')}: ${String(issue.message)}`)
  }
  return lines.join('; ')
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
