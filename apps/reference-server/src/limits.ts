/** Most progress notifications one `burst` sends. */
export const MAX_BURST = 1_000_000

/** Longest `countdown`, in seconds. */
export const MAX_COUNTDOWN = 3600
