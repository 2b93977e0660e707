/** What crossed the network, as people read it. */

/** What kind of thing happened. */
export type WireKind =
  /** A request left. */
  | 'sent'
  /** The head of an answer came. */
  | 'answered'
  /** A body that is no stream came. */
  | 'body'
  /** An event of a stream. */
  | 'event'
  /** A comment of a stream: keeps proxies from closing it. */
  | 'comment'
  /** The stream says how long to wait before coming back. */
  | 'retry'
  /** The stream ended, or was ended by this client. */
  | 'ended'
  /** The connection broke, or there was none. */
  | 'broken'

export interface WireEntry {
  /** Running number of the entry. */
  readonly key: number
  /** Milliseconds since the log began. */
  readonly at: number
  /** Running number of the HTTP request it belongs to. */
  readonly request: number
  readonly kind: WireKind
  /** One line. */
  readonly text: string
  /** Event id, where there is one. */
  readonly id?: string
  /** What was sent or received, for those who open the entry. */
  readonly detail?: string
}
