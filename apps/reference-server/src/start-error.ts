/** The file of the storage, or the folder it is in, cannot be used. */
const STORAGE_NOT_OPENED = /^MCP_SQLITE_(?:NOT_OPENED|FOREIGN_FILE|CORRUPTED|FULL|NO_DRIVER)$/

/** One line for a start that failed over what a variable names, or `null` for any other error. */
export function describeStartError (error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (!(error instanceof Error)) return null
  if (code === 'MCP_AUTH_BAD_KEY_FILE') return `MCP_API_KEYS_FILE: ${error.message}`
  if (code === 'MCP_AUTH_BAD_OPTION') return `MCP_AUTH cannot be used as it is configured: ${error.message}`
  if (STORAGE_NOT_OPENED.test(String(code))) return `MCP_STORAGE: ${error.message}`
  return null
}
