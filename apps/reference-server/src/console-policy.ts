/** Security headers of a page: what it may load, and who may hold it. */
import type { McpSecurityOptions } from '@mcp/security'

/** Scripts, styles, fonts and requests: this server alone, nothing inline. Content of tool results comes as `data:`. */
const DIRECTIVES = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'font-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'media-src': ['data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"]
}

/** Over the defaults of `@mcp/security`, which are for replies that are data. */
export const PAGE_HEADERS: Exclude<McpSecurityOptions['helmet'], false | undefined> = {
  contentSecurityPolicy: { useDefaults: false, directives: DIRECTIVES },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  originAgentCluster: true
}
