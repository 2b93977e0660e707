/** Which documents an endpoint puts at which well-known path. */
import type { Settings } from '../settings.ts'
import type { IssuerMetadata } from './issuer-metadata.ts'
import { metadataPath, RESOURCE_METADATA_PATH, type ResourceMetadata } from './resource-metadata.ts'
import type { Document } from './well-known.ts'

const AUTHORIZATION_SERVER_PATH = '/.well-known/oauth-authorization-server'

/** None where OAuth is not in use: all of the paths are 404 then, so that no client starts the flow (G-27). */
export function documentsOf (settings: Settings, issuer: (issuer: string) => IssuerMetadata): ReadonlyMap<string, Document> {
  const documents = new Map<string, Document>()
  const { resource, authorizationServers, metadata } = settings
  const [first] = authorizationServers
  if (resource === undefined || first === undefined) return documents
  const own = resourceMetadata(resource, settings)
  documents.set(metadataPath(resource), { about: resource, read: () => own })
  documents.set(RESOURCE_METADATA_PATH, { about: resource, read: () => own })
  if (metadata?.mirror !== false) documents.set(AUTHORIZATION_SERVER_PATH, { about: first, read: () => issuer(first).document() })
  return documents
}

function resourceMetadata (resource: string, { authorizationServers, scopes, metadata }: Settings): ResourceMetadata {
  return {
    resource,
    authorization_servers: authorizationServers,
    bearer_methods_supported: ['header'],
    ...(scopes?.supported === undefined ? {} : { scopes_supported: scopes.supported }),
    ...(metadata?.name === undefined ? {} : { resource_name: metadata.name }),
    ...(metadata?.documentation === undefined ? {} : { resource_documentation: metadata.documentation })
  }
}
