/** What a client's process and the bench say to each other. */

export type Order =
  | { readonly work: 'calls', readonly ms: number, readonly underWay: number }
  | { readonly work: 'events', readonly count: number, readonly times: number }

/** How many calls were answered, or events received, and what that took. */
export interface ClientSample {
  readonly perSecond: number
  /** Microseconds of processor time of the client's process for each. */
  readonly cpu: number
}

export type ClientMessage = { readonly ready: true } | { readonly sample: ClientSample }
