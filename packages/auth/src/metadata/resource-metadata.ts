/** What we say about ourselves as a resource server (RFC 9728; G-11…G-15). */

export interface ResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly bearer_methods_supported: readonly ['header']
  readonly scopes_supported?: readonly string[]
  readonly resource_name?: string
  readonly resource_documentation?: string
}

export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource'

/** The path of the metadata of `resource`: the well-known part goes between host and path. */
export function metadataPath (resource: string): string {
  return RESOURCE_METADATA_PATH + new URL(resource).pathname.replace(/\/$/, '')
}

export function metadataUrl (resource: string): string {
  return new URL(resource).origin + metadataPath(resource)
}

/** As clients name it: lower-case scheme and host, no default port; a slash after the host only where one was given (G-13). */
export function canonicalResource (resource: string): string {
  const { href, pathname } = new URL(resource)
  return pathname === '/' && !resource.endsWith('/') ? href.slice(0, -1) : href
}

/** What a token for `resource` may name as its audience: a URL without a path has two spellings. */
export function audiencesOf (resource: string): string[] {
  const { origin, pathname } = new URL(resource)
  return pathname === '/' ? [origin, `${origin}/`] : [canonicalResource(resource)]
}
