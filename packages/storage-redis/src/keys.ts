/**
 * Names of keys and channels. Everything of one session carries one hash tag, so that a cluster keeps it in one slot; what
 * spans sessions (counts) has keys of its own.
 */
export class Keys {
  readonly prefix: string
  /** Whether a prefix with a hash tag puts every key into one slot. */
  readonly areInOneSlot: boolean

  constructor (prefix: string) {
    this.prefix = prefix
    this.areInOneSlot = /\{[^}]+\}/.test(prefix)
  }

  session (id: string): string {
    return `${this.tag(id)}:session`
  }

  /** A session's streams: their owners, ends and what is kept of all. */
  log (session: string): string {
    return `${this.tag(session)}:log`
  }

  /** Which events of a session are the oldest. */
  runs (session: string): string {
    return `${this.tag(session)}:runs`
  }

  /** Followed by a stream's name: its kept messages. */
  streams (session: string): string {
    return `${this.tag(session)}:stream:`
  }

  get sessions (): string {
    return `${this.prefix}sessions`
  }

  /** Followed by a principal's key: the sessions it has. */
  get principals (): string {
    return `${this.prefix}principal:`
  }

  /** Begins the keys of what the budget in bytes is charged with. In a cluster they share a slot. */
  get accounts (): string {
    return this.areInOneSlot ? `${this.prefix}bytes:` : `${this.prefix}{bytes}:`
  }

  node (node: string): string {
    return `${this.prefix}node:${node}`
  }

  /** Begins all keys of a session. */
  tag (session: string): string {
    // Braces of an id must not end the tag early; the letter keeps it from being empty.
    const escaped = session.replace(/[%{}]/g, character => `%${character.charCodeAt(0).toString(16)}`)
    return `${this.prefix}{s${escaped}}`
  }
}
