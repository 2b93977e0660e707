/** What a run may be told from outside. */

/** Requests of one run. The gate has little time; `pnpm fuzz` asks for a million and more. */
export const REQUESTS = Number(process.env.MCP_FUZZ_REQUESTS ?? 12_000)

/** Repeats an earlier run, as far as the times between clients let it. */
export const SEED = Number(process.env.MCP_FUZZ_SEED ?? Date.now() % 1_000_000_000)

/** Whether this is the full run. */
export const FULL = REQUESTS >= 1_000_000
