/** The child's side: drives a client transport as a protocol layer would, and measures what the bench orders. */
import type { ClientMessage, ClientSample, Order } from './protocol.ts'

export interface Outgoing {
  readonly jsonrpc: '2.0'
  readonly id?: number
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** As much of a transport as is driven here. */
export interface Driven {
  start (): Promise<void>
  send (message: Outgoing): Promise<void>
  setProtocolVersion (version: string): void
  onMessage (listener: (message: object) => void): void
}

interface Incoming {
  readonly id?: number
  readonly params?: { readonly progress?: number }
  readonly result?: { readonly content?: ReadonlyArray<{ readonly text?: string }> }
}

const LEGACY = '2025-11-25'
const MODERN = '2026-07-28'
const CLIENT_INFO = { name: 'bench-client', version: '1.0.0' }
const META = 'io.modelcontextprotocol/'
const ENVELOPE = { [`${META}protocolVersion`]: MODERN, [`${META}clientInfo`]: CLIENT_INFO, [`${META}clientCapabilities`]: {} }

/** Reads its arguments (`<url> session|modern`), opens what is needed, and then does as it is told. */
export async function drive (make: (url: URL) => Driven): Promise<void> {
  const [url = '', manner = ''] = process.argv.slice(2)
  const driver = new Driver(make(new URL(url)), manner === 'modern')
  await driver.open()
  process.on('message', order => {
    driver.obey(order as Order).then(sample => tell({ sample }), (error: unknown) => {
      console.error(error)
      process.exit(1)
    })
  })
  process.on('disconnect', () => process.exit())
  tell({ ready: true })
}

class Driver {
  readonly #transport: Driven
  readonly #modern: boolean
  readonly #waiting = new Map<number, (message: Incoming) => void>()
  #onProgress: (progress: number | undefined) => void = () => {}
  #id = 0

  constructor (transport: Driven, modern: boolean) {
    this.#transport = transport
    this.#modern = modern
    transport.onMessage((message: Incoming) => {
      if (message.id === undefined) return this.#onProgress(message.params?.progress)
      this.#waiting.get(message.id)?.(message)
      this.#waiting.delete(message.id)
    })
  }

  async open (): Promise<void> {
    await this.#transport.start()
    if (this.#modern) return this.#transport.setProtocolVersion(MODERN)
    await this.#ask('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT_INFO })
    this.#transport.setProtocolVersion(LEGACY)
    await this.#transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }

  async obey (order: Order): Promise<ClientSample> {
    const [start, before] = [performance.now(), process.cpuUsage()]
    const count = order.work === 'calls' ? await this.#calls(order.ms, order.underWay) : await this.#events(order.count, order.times)
    const { user, system } = process.cpuUsage(before)
    return { perSecond: count / ((performance.now() - start) / 1000), cpu: (user + system) / count }
  }

  async #calls (ms: number, underWay: number): Promise<number> {
    const end = performance.now() + ms
    let count = 0
    await Promise.all(Array.from({ length: underWay }, async () => {
      while (performance.now() < end) {
        const text = `echo ${this.#id}`
        const { result } = await this.#ask('tools/call', { name: 'echo', arguments: { text } })
        if (result?.content?.[0]?.text !== text) throw new Error(`Wrong answer to ${text}: ${JSON.stringify(result)}`)
        count++
      }
    }))
    return count
  }

  async #events (count: number, times: number): Promise<number> {
    for (let time = 0; time < times; time++) {
      let last = 0
      this.#onProgress = progress => {
        if (progress !== ++last) throw new Error(`Event ${last} was ${progress}`)
      }
      await this.#ask('tools/call', { name: 'burst', arguments: { count }, _meta: { progressToken: `burst ${time}` } })
      if (last !== count) throw new Error(`Expected ${count} events, got ${last}`)
    }
    return count * times
  }

  #ask (method: string, params: Readonly<Record<string, unknown>>): Promise<Incoming> {
    const id = ++this.#id
    const meta = this.#modern ? { _meta: { ...ENVELOPE, ...params._meta as object | undefined } } : {}
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve)
      this.#transport.send({ jsonrpc: '2.0', id, method, params: { ...params, ...meta } }).catch(reject)
    })
  }
}

function tell (message: ClientMessage): void {
  if (process.send === undefined) throw new Error('This client is started by the bench, not by hand')
  process.send(message)
}
