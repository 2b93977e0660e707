/** Official clients of both generations, on an account: they find the way in by themselves. */
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Visits } from './visits.ts'
import type { ClientOptions } from '@modelcontextprotocol/client'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { Test } from 'tap'
import type { Account } from './account.ts'

export interface Visitor {
  readonly account: Account
  readonly visits: Visits
  readonly client: ClientV1 | ClientV2
  readonly transport: TransportV1 | TransportV2
  /** The text of a tool's answer. The client authorizes as it is asked to, as often as once. */
  call (name: string): Promise<string>
}

const info = { name: 'visitor', version: '1' }

export type ConnectVisitor = (t: Test, url: string, account: Account, options?: ClientOptions) => Promise<Visitor>

export const visitorV2: ConnectVisitor = async (t, url, account, options = {}) => {
  const visits = new Visits()
  const connect = async (): Promise<{ client: ClientV2, transport: TransportV2 }> => {
    const client = new ClientV2(info, options)
    const transport = new TransportV2(new URL(url), { authProvider: account, fetch: visits.fetch })
    t.teardown(() => client.close())
    await authorizing(account, transport, () => client.connect(transport), true)
    return { client, transport }
  }
  const { client, transport } = await again(connect)
  const call = (name: string): Promise<unknown> => client.callTool({ name, arguments: {} })
  return { account, visits, client, transport, call: async name => textOf(await authorizing(account, transport, () => call(name))) }
}

export const visitorV1: ConnectVisitor = async (t, url, account) => {
  const visits = new Visits()
  const connect = async (): Promise<{ client: ClientV1, transport: TransportV1 }> => {
    const client = new ClientV1(info)
    const transport = new TransportV1(new URL(url), { authProvider: account, fetch: visits.fetch })
    t.teardown(() => client.close())
    await authorizing(account, transport, () => client.connect(transport as Transport), true)
    return { client, transport }
  }
  const { client, transport } = await again(connect)
  const call = (name: string): Promise<unknown> => client.callTool({ name, arguments: {} })
  return { account, visits, client, transport, call: async name => textOf(await authorizing(account, transport, () => call(name))) }
}

/** A client that was sent away to authorize has to be made anew. */
class Authorized extends Error {}

async function again<T> (connect: () => Promise<T>): Promise<T> {
  return connect().catch((error: unknown) => {
    if (error instanceof Authorized) return connect()
    throw error
  })
}

/** The application's part: when the browser has come back, tell the client and try again. */
type AnyTransport = TransportV1 | TransportV2

async function authorizing<T> (account: Account, transport: AnyTransport, attempt: () => Promise<T>, anew = false): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    const { callback } = account
    if (callback === null) throw error
    account.callback = null
    const code = callback.searchParams.get('code')
    if (code === null) throw new Error(`not authorized: ${callback.search}`, { cause: error })
    if (transport instanceof TransportV2) await transport.finishAuth(callback.searchParams)
    else await transport.finishAuth(code)
    if (anew) throw new Authorized()
    return await attempt()
  }
}

function textOf (result: unknown): string {
  const content = (result as { content?: Array<{ text?: string }> }).content ?? []
  return content.map(({ text }) => text ?? '').join('')
}
