import { signal } from '@preact/signals'
import { fetchHttp, type ConnectionState } from '@mcp/client/browser'
import type { JsonObject, JsonRpcNotification } from '@mcp/protocol'
import { TappedHttp } from '../wire/tapped-http.ts'
import { WireLog } from '../wire/wire-log.ts'
import { Call } from './call.ts'
import type { Speech } from './choice.ts'
import { openLink, type Link } from './link.ts'
import { Questions } from './question.ts'
import { listTools, type Tool } from './tool.ts'

/** How long a cut lasts, milliseconds. */
export const CUT_MS = 3_000

export interface Destination {
  readonly endpoint: string
  readonly ssePath: string
}

/** The client of this page: one connection at a time, and everything that is known of it. */
export class Playground {
  readonly log = new WireLog()
  readonly questions = new Questions()
  readonly link = signal<Link | null>(null)
  /** `closed`: not connected. */
  readonly state = signal<ConnectionState>('closed')
  /** Why there is no connection, or what went wrong with it last. */
  readonly trouble = signal<string | null>(null)
  readonly tools = signal<readonly Tool[]>([])
  readonly call = signal<Call | null>(null)
  /** How many streams are open. */
  readonly streams = signal(0)
  #http: TappedHttp | null = null
  /** Goes up with every connection: what an older one still says is not heard. */
  #turn = 0

  async connect (speech: Speech, { endpoint, ssePath }: Destination, token: string): Promise<void> {
    await this.disconnect()
    const turn = ++this.#turn
    const current = (): boolean => turn === this.#turn
    this.trouble.value = null
    this.state.value = 'connecting'
    const http = new TappedHttp(fetchHttp(), this.log, open => { if (current()) this.streams.value = open })
    this.#http = http
    try {
      const link = await openLink({
        speech,
        endpoint,
        ssePath,
        token,
        http,
        onNotification: notification => this.#notified(notification),
        onRequest: async ({ method, params }) => ({ ...await this.questions.ask(method, params) }),
        onState: state => { if (current()) this.#changed(state) },
        onError: error => { if (current()) this.trouble.value = error.message },
        onSession: () => { if (current()) this.trouble.value = 'The server had lost the session. A new one was begun.' }
      })
      if (!current()) return await link.close()
      this.link.value = link
      this.tools.value = await listTools((method, params) => link.request(method, params))
      if (link.era === 'modern') this.#listen(link).catch(error => this.failed(error))
    } catch (error) {
      if (!current()) return
      await this.disconnect()
      this.failed(error)
    }
  }

  failed (error: unknown): void {
    this.trouble.value = error instanceof Error ? error.message : String(error)
  }

  async disconnect (): Promise<void> {
    this.#turn++
    const link = this.link.value
    const http = this.#http
    this.link.value = null
    this.#http = null
    this.state.value = 'closed'
    this.tools.value = []
    this.streams.value = 0
    this.cancelCall()
    this.call.value = null
    await link?.close()
    await http?.close()
  }

  /** Cuts the cable for a while. */
  cut (): void {
    this.#http?.cut(CUT_MS)
  }

  start (tool: Tool, content: JsonObject): void {
    const link = this.link.value
    if (link === null) return
    const call = new Call(tool.name)
    this.call.value = call
    call.run(link, this.questions, content).catch(error => this.failed(error))
  }

  cancelCall (): void {
    this.call.value?.cancel()
    this.questions.drop()
  }

  #changed (state: ConnectionState): void {
    this.state.value = state
    if (state === 'open') this.trouble.value = null
  }

  #notified ({ method, params = {} }: JsonRpcNotification): void {
    if (method === 'notifications/progress') this.call.value?.takeProgress(params)
    else if (method === 'notifications/tools/list_changed') this.#relist().catch(error => this.failed(error))
  }

  async #relist (): Promise<void> {
    const link = this.link.value
    if (link === null) return
    const tools = await listTools((method, params) => link.request(method, params)).catch(() => null)
    if (tools !== null && link === this.link.value) this.tools.value = tools
  }

  /** The modern era has no stream of its own; changes are heard by asking for them, again whenever that stream ends. */
  async #listen (link: Link): Promise<void> {
    const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }
    while (this.link.value === link) {
      await link.request('subscriptions/listen', { notifications }, { timeoutMs: 0 }).catch(() => {})
      if (this.link.value === link) await new Promise(resolve => { setTimeout(resolve, CUT_MS) })
    }
  }
}
