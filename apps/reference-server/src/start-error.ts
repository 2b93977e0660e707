/** One line for a start that failed over what a variable names, or `null` for any other error. */
export function describeStartError (error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (!(error instanceof Error)) return null
  if (code === 'MCP_AUTH_BAD_KEY_FILE') return `MCP_API_KEYS_FILE: ${error.message}`
  if (code === 'MCP_AUTH_BAD_OPTION') return `MCP_AUTH cannot be used as it is configured: ${error.message}`
  return null
}
