/** Everything that is left behind is gone after seconds. */

/** A session nobody uses. */
export const IDLE_MS = 3_000
/** Any session: what ends those whose stream looks open and is not. */
export const LIFETIME_MS = 10_000
/** A reader that takes nothing. */
export const STALL_MS = 3_000
export const EVENT_AGE_MS = 5_000
/** Until all of it must be gone: two limits may follow each other, and what sweeps comes by every few seconds. */
export const GONE_MS = LIFETIME_MS + IDLE_MS + EVENT_AGE_MS + 20_000
