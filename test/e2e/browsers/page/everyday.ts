/** What clients do all day. */
import { AutoHttpClient } from '@mcp/client/browser'
import { Client } from '@modelcontextprotocol/client'
import { call, connect, failure, tell, urlOf, type Scenario } from './setting.ts'

export const calling: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  const { tools } = await connection.request('tools/list') as { tools: unknown[] }
  const echo = await call(connection, 'echo', { text: 'ä€😀' })
  // Its arguments are mirrored into header fields, which CORS has to allow by their prefix.
  const mirrored = await call(connection, 'test_x_mcp_header', { region: 'eu', shard: 7 })
  const { kind, revision, transport } = connection
  const named = transport.sessionId !== undefined
  await connection.close()
  return { kind, revision, named, tools: tools.length, echo, mirrored, states: log.states, errors: log.errors }
}

/** Asks the server what it is, as nobody told. */
export const finding: Scenario = async setting => {
  const { connection } = await connect(setting, false)
  const found = { kind: connection.kind, revision: connection.revision, echo: await call(connection, 'echo', { text: 'found' }) }
  await connection.close()
  return found
}

export const streaming: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  const text = await call(connection, 'burst', { count: 500 })
  await connection.close()
  return { text, progress: log.progress, errors: log.errors }
}

/** Progress arrives while the tool runs: on the first sign of it the call is cancelled. */
export const cancelling: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  const abort = new AbortController()
  const countdown = failure(call(connection, 'countdown', { seconds: 60 }, abort.signal))
  await log.until(() => log.progress.length > 0)
  abort.abort()
  const error = await countdown
  const echo = await call(connection, 'echo', { text: 'after' })
  await tell('wait for the end of the call')
  await connection.close()
  return { error, echo, progress: log.progress, errors: log.errors }
}

/** What the server says on its own: on the GET stream, the HTTP+SSE stream, or the stream of a listen. */
export const hearing: Scenario = async setting => {
  const { connection, log } = await connect(setting)
  const abort = new AbortController()
  let listen: Promise<unknown> = Promise.resolve()
  if (setting.kind === 'modern') {
    listen = failure(connection.request('subscriptions/listen', { notifications: { toolsListChanged: true } }, { signal: abort.signal, timeoutMs: 0 }))
    await log.until(() => log.notifications.includes('notifications/subscriptions/acknowledged'))
  } else if (setting.kind === 'streamable') await tell('wait for the GET stream')
  await call(connection, 'test_trigger_tool_change')
  await log.until(() => log.notifications.includes('notifications/tools/list_changed'))
  abort.abort()
  await listen
  await connection.close()
  return { notifications: log.notifications, errors: log.errors }
}

/** An official client over our transport. */
export const official: Scenario = async setting => {
  const { kind } = setting
  const mode = kind === 'modern' ? { pin: '2026-07-28' } : 'legacy'
  const client = new Client({ name: 'page', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new AutoHttpClient(urlOf(setting), { transport: kind === 'http+sse' ? kind : 'streamable' }))
  const progress: number[] = []
  const onprogress = (each: { progress: number }): void => { progress.push(each.progress) }
  const { content } = await client.callTool({ name: 'burst', arguments: { count: 20 } }, { onprogress })
  const revision = client.getNegotiatedProtocolVersion()
  await client.close()
  return { content, progress, revision }
}
