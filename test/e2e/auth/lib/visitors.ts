/** Official clients on an account: they find the way in by themselves. */
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2, type ClientOptions } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Visits } from './visits.ts'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { Test } from 'tap'
import type { Account } from './account.ts'

export interface Visitor {
  readonly visits: Visits
  readonly sessionId: string | undefined
  /** The text of a tool's answer. Where the client is sent to authorize, the browser goes there, once. */
  call (tool: string): Promise<string>
}

export interface VisitorKind {
  readonly name: string
  readonly sdk: 1 | 2
  readonly era: 'legacy' | 'modern'
  visit (t: Test, url: string, account: Account): Promise<Visitor>
}

const info = { name: 'visitor', version: '1' }

function version2 (options: ClientOptions): VisitorKind['visit'] {
  return (t, url, account) => visit(account, async visits => {
    const client = new ClientV2(info, options)
    const transport = new TransportV2(new URL(url), { authProvider: account, fetch: visits.fetch })
    t.teardown(() => client.close())
    return { client, transport, connect: () => client.connect(transport), finish: ({ searchParams }) => transport.finishAuth(searchParams) }
  })
}

export const v2: VisitorKind = { name: 'client 2.x', sdk: 2, era: 'legacy', visit: version2({}) }
export const modern: VisitorKind = { name: 'client 2.x, modern', sdk: 2, era: 'modern', visit: version2({ versionNegotiation: { mode: 'auto' } }) }
export const v1: VisitorKind = {
  name: 'sdk 1.x',
  sdk: 1,
  era: 'legacy',
  visit: (t, url, account) => visit(account, async visits => {
    const client = new ClientV1(info)
    const transport = new TransportV1(new URL(url), { authProvider: account, fetch: visits.fetch })
    t.teardown(() => client.close())
    // The transport's `sessionId` getter does not fit the SDK's own interface under exactOptionalPropertyTypes.
    const connect = (): Promise<void> => client.connect(transport as Transport)
    return { client, transport, connect, finish: ({ searchParams }) => transport.finishAuth(searchParams.get('code') ?? '') }
  })
}

export const VISITORS = [v2, modern, v1] as const

interface Made {
  readonly client: ClientV1 | ClientV2
  readonly transport: TransportV1 | TransportV2
  connect (): Promise<void>
  /** Takes the address the browser came back to. */
  finish (callback: URL): Promise<void>
}

/** An application: it connects, and where it has to authorize first, connects anew. */
async function visit (account: Account, make: (visits: Visits) => Promise<Made>): Promise<Visitor> {
  const visits = new Visits()
  let made = await make(visits)
  await made.connect().catch(async (error: unknown) => {
    await made.finish(account.takeCallback(error))
    made = await make(visits)
    await made.connect()
  })
  const { client, transport, finish } = made
  const call = (name: string): Promise<unknown> => client.callTool({ name, arguments: {} })
  return {
    visits,
    get sessionId () {
      return transport.sessionId
    },
    call: async name => textOf(await call(name).catch(async (error: unknown) => {
      await finish(account.takeCallback(error))
      return call(name)
    }))
  }
}

function textOf (result: unknown): string {
  const content = (result as { content?: Array<{ text?: string }> }).content ?? []
  return content.map(({ text }) => text ?? '').join('')
}
