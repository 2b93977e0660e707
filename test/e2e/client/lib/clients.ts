/** Official clients over our transports. */
import type { AutoHttpClient, StreamableHttpClient } from '@mcp/client'
import { Client as ClientV2, type ClientOptions, type Transport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import type { Test } from 'tap'
import { Inbox } from '../../interop/lib/peer.ts'

export interface CallOptions {
  signal?: AbortSignal
  onprogress?: (progress: { progress: number }) => void
  timeout?: number
}

export interface Connected {
  readonly transport: AutoHttpClient | StreamableHttpClient
  readonly client: ClientV1 | ClientV2
  readonly revision: string | undefined
  readonly notifications: Inbox
  readonly errors: Error[]
  /** The text of the tool's result. */
  call (name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<string>
}

export interface Kind {
  readonly name: string
  readonly era: 'legacy' | 'modern'
  connect (t: Test, transport: AutoHttpClient | StreamableHttpClient): Promise<Connected>
}

const INFO = { name: 'over ours', version: '1' }
const ROOTS = { roots: [{ uri: 'file:///work' }] }

function v2 (name: string, era: Kind['era'], options: ClientOptions): Kind {
  return {
    name,
    era,
    connect: async (t, transport) => {
      const client = new ClientV2(INFO, { capabilities: { roots: {} }, ...options })
      const notifications = new Inbox()
      const errors: Error[] = []
      client.fallbackNotificationHandler = notifications.put
      client.onerror = error => errors.push(error)
      client.setRequestHandler('roots/list', () => ROOTS)
      t.teardown(() => client.close())
      const fits: Transport = transport
      await client.connect(fits)
      const call: Connected['call'] = async (name, args = {}, options = {}) => textOf(await client.callTool({ name, arguments: args }, options))
      return { transport, client, revision: client.getNegotiatedProtocolVersion(), notifications, errors, call }
    }
  }
}

const v1: Kind = {
  name: 'SDK 1.x',
  era: 'legacy',
  connect: async (t, transport) => {
    const client = new ClientV1(INFO, { capabilities: { roots: {} } })
    const notifications = new Inbox()
    const errors: Error[] = []
    client.fallbackNotificationHandler = notifications.put
    client.onerror = error => errors.push(error)
    client.setRequestHandler(ListRootsRequestSchema, () => ROOTS)
    t.teardown(() => client.close())
    const fits: TransportV1 = transport
    await client.connect(fits)
    const call: Connected['call'] = async (name, args = {}, options = {}) =>
      textOf(await client.callTool({ name, arguments: args }, undefined, options as object))
    return { transport, client, revision: undefined, notifications, errors, call }
  }
}

export const LEGACY: readonly Kind[] = [v2('SDK 2.x legacy', 'legacy', {}), v1]
export const AUTO = v2('SDK 2.x auto', 'modern', { versionNegotiation: { mode: 'auto' } })
export const PINNED = v2('SDK 2.x pinned', 'modern', { versionNegotiation: { mode: { pin: '2026-07-28' } } })
export const KINDS: readonly Kind[] = [...LEGACY, AUTO, PINNED]

function textOf (result: object): string {
  const { content } = result as { content: Array<{ text?: string }> }
  return content.map(({ text = '' }) => text).join('\n')
}
