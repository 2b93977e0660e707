/**
 * How often applications may tell a client how far they are and what they log (H-11). Decorated as `fastify.mcpPace` by the room that
 * limits; the transport room, which knows where messages go and when a request is over, keeps to it.
 */

/** At most `max` within a window of so many milliseconds. */
export interface PaceRule {
  readonly max: number
  readonly windowMs: number
}

/** Counted for each request, and for what a session is told outside of any. `null`: no limit. */
export interface Pace {
  /** Beyond it the newest report of each token waits until the window is over, or the response is there. */
  readonly progress: PaceRule | null
  /** Beyond it messages are left out. Those of level `error` and worse count for themselves. */
  readonly log: PaceRule | null
}
