import type { SessionRecord } from '@mcp/storage'

export const PLENTY = { total: 1_000_000, perPrincipal: 1_000_000 }
export const OWNER = { node: 'node-1', requestIds: [1] }

export function sessionRecord (id: string, overrides: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now()
  return {
    id,
    endpoint: '/mcp',
    revision: '2025-11-25',
    principalKey: '',
    handshake: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
    createdAt: now,
    expiresAt: now + 600_000,
    state: {},
    ...overrides
  }
}
