/** What the reference server tells the page. The page asks for both as JSON. */

/** `console/facts.json`: what is served. Nothing here is a secret. */
export interface ServerFacts {
  readonly application: 'sdk' | 'raw'
  /** Path of the endpoint, from the page's own place. */
  readonly path: string
  /** The URL clients use, where whoever runs the server named one. */
  readonly publicUrl: string | null
  /** Oldest first. */
  readonly revisions: readonly string[]
  readonly sessions: boolean
  /** Paths of the HTTP+SSE transport; `null`: not served. */
  readonly httpSse: { readonly stream: string, readonly messages: string } | null
  readonly storage: 'memory' | 'sqlite' | 'redis'
  readonly auth: {
    readonly mode: 'off' | 'api-key' | 'jwt' | 'introspection'
    /** Who gives out tokens. */
    readonly issuers: readonly string[]
  }
  /** Where the live view of the node is, and the scope it asks for where callers are authenticated. */
  readonly admin: { readonly path: string, readonly scope: string | null }
}

/** `admin/node.json`: what is going on at this node right now. */
export interface NodeStatus {
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  readonly at: number
  readonly uptimeMs: number
  readonly draining: boolean
  readonly memory: { readonly rss: number, readonly heapUsed: number }
  readonly traffic: TrafficSnapshot
}

/** Counts since the node started, and what is open now. */
export interface TrafficSnapshot {
  /** Sessions this node holds something of. */
  readonly sessions: number
  /** Sessions in the storage, those of other nodes included; `null`: nobody knows yet. */
  readonly storedSessions: number | null
  readonly streams: { readonly open: number, readonly byKind: Readonly<Record<string, number>> }
  readonly requests: {
    readonly total: number
    readonly inFlight: number
    readonly byOutcome: Readonly<Record<string, number>>
    readonly byMethod: Readonly<Record<string, number>>
  }
  /** Requests turned away, by the rung that did. */
  readonly refusals: Readonly<Record<string, number>>
  readonly events: { readonly written: number, readonly replayed: number }
  /** Slow readers that were let go; they come back and resume. */
  readonly detached: number
}
