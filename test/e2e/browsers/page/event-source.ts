/** The browser's own reader of event streams. It sends no header fields of the page's, and nothing but GET. */
import { Log, tell, urlOf, type Scenario } from './setting.ts'

interface Heard {
  readonly source: EventSource
  readonly log: Log
  readonly messages: Array<{ id: string, data: unknown }>
  readonly endpoints: string[]
  opened: number
}

function listen (url: string): Heard {
  const source = new EventSource(url)
  const heard: Heard = { source, log: new Log(), messages: [], endpoints: [], opened: 0 }
  source.addEventListener('endpoint', (event: MessageEvent<string>) => {
    heard.endpoints.push(event.data)
    heard.log.heard()
  })
  source.addEventListener('message', event => {
    // The first event of a Streamable stream names it and carries nothing.
    if (event.data !== '') heard.messages.push({ id: event.lastEventId, data: JSON.parse(event.data) })
    heard.log.heard()
  })
  source.addEventListener('open', () => {
    heard.opened++
    heard.log.heard()
  })
  source.addEventListener('error', () => heard.log.heard())
  return heard
}

async function post (url: URL | string, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', ...message })
  })
}

const INITIALIZE = { method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '1' } } }

/** A client of HTTP+SSE in a dozen lines; after a cut EventSource comes back by itself, to an endpoint of a new session. */
export const httpSse: Scenario = async setting => {
  const url = urlOf(setting)
  const { source, log, messages, endpoints } = listen(url)
  await log.until(() => endpoints.length === 1)
  const first = new URL(endpoints[0] ?? '', url)
  const status = (await post(first, { id: 1, ...INITIALIZE })).status
  await log.until(() => messages.length === 1)
  await post(first, { method: 'notifications/initialized' })
  await post(first, { id: 2, method: 'tools/call', params: { name: 'burst', arguments: { count: 50 }, _meta: { progressToken: 'p' } } })
  await log.until(() => messages.length === 52)
  await tell('cut once')
  await log.until(() => endpoints.length === 2)
  const second = new URL(endpoints[1] ?? '', url)
  await post(second, { id: 3, ...INITIALIZE })
  await log.until(() => messages.length === 53)
  source.close()
  return { status, messages: messages.map(({ data }) => data), moved: first.href !== second.href }
}

/** Without a session's header field there is no GET stream for it: it is refused, and not asked for again. */
export const nameless: Scenario = async setting => {
  const url = urlOf(setting)
  const { source, log, opened } = listen(url)
  await log.until(() => source.readyState === EventSource.CLOSED)
  return { opened, closed: source.readyState === EventSource.CLOSED }
}

/** Begins a session by hand, and says how requests name it. */
async function begin (url: string): Promise<Record<string, string>> {
  const response = await post(url, { id: 1, ...INITIALIZE })
  await response.text()
  const session = { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' }
  await post(url, { method: 'notifications/initialized' }, session)
  return session
}

function gatewayTo (session: Record<string, string>, last = ''): string {
  return `/gateway?${new URLSearchParams({ session: session['mcp-session-id'] ?? '', last })}`
}

/** Behind a gateway that adds the session's header field, its GET stream is an everyday event stream. */
export const standalone: Scenario = async setting => {
  const url = urlOf(setting)
  const session = await begin(url)
  const heard = listen(gatewayTo(session))
  const { source, log, messages } = heard
  await log.until(() => heard.opened === 1)
  await (await post(url, { id: 2, method: 'tools/call', params: { name: 'test_trigger_tool_change', arguments: {} } }, session)).text()
  await log.until(() => messages.length === 1)
  source.close()
  return { messages: messages.map(({ data }) => data) }
}

/** The stream of a request, left by its fetch after the first event id: EventSource follows it to the end, over a cut of its own. */
export const following: Scenario = async setting => {
  const url = urlOf(setting)
  const session = await begin(url)
  const params = { name: 'countdown', arguments: { seconds: 2 }, _meta: { progressToken: 'p' } }
  const { body } = await post(url, { id: 2, method: 'tools/call', params }, session)
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!/^id: \S+\n/m.test(text)) text += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  const { source, log, messages } = listen(gatewayTo(session, /^id: (\S+)\n/m.exec(text)?.[1]))
  await log.until(() => messages.length === 1)
  await tell('cut the gateway')
  await log.until(() => messages.length === 3)
  source.close()
  return { messages: messages.map(({ data }) => data) }
}
