import { Redis } from 'ioredis'
import { asUnavailable, isBroken, isRejected, reasonOf } from './unavailable.ts'
import { missingPermission } from './permissions.ts'
import { Gate } from './gate.ts'
import { watchNodes } from './cluster-nodes.ts'
import type { Cluster, RedisCommander } from 'ioredis'
import type { Outage } from './outage.ts'
import type { ScriptName } from './scripts.ts'

/** For the log of an outage: every command that is not a script. */
const PLAIN = 'command'

type Call<T> = (commander: RedisCommander) => Promise<T>

/** The connection commands go through. Calls of one turn of the event loop leave in one write. */
export class Link {
  readonly #client: Redis | Cluster
  readonly #gate: Gate
  readonly #outage: Outage
  readonly #timeoutMs: number
  readonly #prefix: string
  #lastError = 'the connection was closed'
  #corked = false
  #closed = false

  /** @param prefix of all keys and channels: named where permissions for them are missing. */
  constructor (client: Redis | Cluster, outage: Outage, timeoutMs: number, prefix: string) {
    this.#prefix = prefix
    this.#client = client
    this.#outage = outage
    this.#timeoutMs = timeoutMs
    this.#gate = new Gate(timeoutMs)
    client.on('ready', () => {
      this.#lastError = 'the connection was closed'
      this.#gate.open()
      outage.back(this)
    })
    client.on('close', () => this.#lost())
    client.on('end', () => this.#lost())
    client.on('error', (error: Error) => {
      this.#lastError = error.message.replace(/\.$/, '')
      if (client.status !== 'ready') this.#lost()
    })
    if (!(client instanceof Redis)) watchNodes(client, outage)
  }

  /** Sends a command once. @throws `MCP_STORAGE_UNAVAILABLE`: it may have taken effect or not. */
  command<T> (call: Call<T>, name: string = PLAIN): Promise<T> {
    return this.#pass(call).then(value => {
      this.#outage.accepted(name)
      return value
    }, error => { throw this.#failed(name, error) })
  }

  /** Sends a command that changes nothing; when its connection breaks, it is sent again. @throws `MCP_STORAGE_UNAVAILABLE` */
  question<T> (call: Call<T>, name: string = PLAIN): Promise<T> {
    const start = performance.now()
    return this.#pass(call).then(value => {
      this.#outage.accepted(name)
      return value
    }, error => {
      if (!isBroken(error) || performance.now() - start > this.#timeoutMs / 2) throw this.#failed(name, error)
      return this.command(call, name)
    })
  }

  /** Runs a script once, like {@link command}. The first of `keys` says where in a cluster. */
  run (name: ScriptName, keys: readonly string[], ...args: ReadonlyArray<string | number>): Promise<unknown> {
    return this.command(() => this.#script(name, keys, args), name)
  }

  /** Runs a script that may run again, like {@link question}. */
  ask (name: ScriptName, keys: readonly string[], ...args: ReadonlyArray<string | number>): Promise<unknown> {
    return this.question(() => this.#script(name, keys, args), name)
  }

  /** Calls back once commands are sent again, or at once where they are. */
  whenOpen (listener: () => void): void {
    if (this.#gate.isOpen) listener()
    else this.#client.once('ready', listener)
  }

  /** Finds out whether a connection that was silent still answers; the client gives it up when not. */
  ping (): void {
    if (!this.#gate.isOpen) return
    const nodes = this.#client instanceof Redis ? [this.#client] : this.#client.nodes('master')
    for (const node of nodes) {
      if (node.status === 'ready') node.ping().catch(() => {})
    }
  }

  /** Lets commands that were sent finish. Closing again does nothing. */
  async close (): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#gate.close('the storage is closed')
    try {
      if (this.#client.status === 'ready') await this.#client.quit()
    } catch {
      // It was lost while saying goodbye.
    }
    this.#client.disconnect()
  }

  #pass<T> (call: Call<T>): Promise<T> {
    // The client tells of a loss a moment after it could know.
    if (this.#gate.isOpen && !this.#takesCommands()) this.#lost()
    return this.#gate.pass(() => this.#send(call))
  }

  #takesCommands (): boolean {
    const client = this.#client
    return client.status === 'ready' && (!(client instanceof Redis) || client.stream.writable)
  }

  #send<T> (call: Call<T>): Promise<T> {
    if (this.#client instanceof Redis && !this.#corked) this.#cork(this.#client)
    return call(this.#client)
  }

  #cork ({ stream }: Redis): void {
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  /** The client makes a method of each script, which its types cannot know. */
  #script (name: ScriptName, keys: readonly string[], args: ReadonlyArray<string | number>): Promise<unknown> {
    const method: unknown = Reflect.get(this.#client, name)
    if (typeof method !== 'function') throw new TypeError(`the client has no script ${name}`)
    return Reflect.apply(method, this.#client, [...keys, ...args])
  }

  #failed (name: string, error: unknown): Error {
    if (error instanceof Error && isRejected(error)) this.#outage.rejected(name, reasonOf(error) + missingPermission(error, this.#prefix))
    return asUnavailable(error)
  }

  #lost (): void {
    if (this.#closed) return
    this.#gate.shut(this.#lastError)
    this.#outage.lost(this, this.#lastError)
  }
}
