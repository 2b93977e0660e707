/** URLs in options. */
import { MCP_AUTH_BAD_OPTION } from './errors.ts'
import { targetOf, type Reach } from './outgoing/index.ts'

const LOOPBACK = /^(?:localhost|(?:.+\.)localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** A URL others use: https, or http on loopback; without what a resource identifier must not have (RFC 8707 §2). */
export function checkWebUrl (name: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (url === null || !secure || url.hash !== '' || url.search !== '' || url.username !== '' || url.password !== '' || /[#?]$/.test(text)) {
    throw new MCP_AUTH_BAD_OPTION(
      `option "${name}" must be an absolute https URL (http on loopback alone) without query, fragment and credentials`)
  }
}

/** A URL that we request ourselves. */
export function checkTarget (name: string, text: string, reach: Reach): void {
  try {
    targetOf(text, reach)
  } catch (error) {
    throw new MCP_AUTH_BAD_OPTION(`option "${name}": ${error instanceof Error ? error.message : String(error)}`)
  }
}
