/** What the page may tell everybody who can open it. */
import type { ServerFacts } from '@mcp/console/contract'
import type { Revision } from '@mcp/protocol'
import { NODE_PATH } from './admin.ts'
import { ADMIN_SCOPE } from './admission.ts'
import type { Config } from './config.ts'

export function consoleFacts (config: Config, revisions: readonly Revision[]): ServerFacts {
  const { application, path, publicUrl, sessions, legacySse, storage, auth } = config
  return {
    application,
    path,
    publicUrl: publicUrl ?? null,
    revisions,
    sessions,
    httpSse: legacySse ? { stream: '/sse', messages: '/messages' } : null,
    storage: storage.startsWith('redis') ? 'redis' : storage.startsWith('sqlite') ? 'sqlite' : 'memory',
    auth: { mode: auth.mode, issuers: issuersOf(auth) },
    admin: { path: NODE_PATH, scope: auth.mode === 'off' ? null : ADMIN_SCOPE }
  }
}

function issuersOf (auth: Config['auth']): string[] {
  if (auth.mode === 'off') return []
  const { jwt, introspection } = auth.options
  return [...[jwt ?? []].flat(), ...(introspection === undefined ? [] : [introspection])].map(({ issuer }) => issuer)
}
