/**
 * What `pnpm test:long` runs: what is too long for every change. Seeds are random and printed; a variable repeats one (see CONTRIBUTING).
 * A size below is the default; a variable of the environment wins.
 */
import path from 'node:path'
import { conformance, folder, group, testFiles } from './jobs.ts'
import { jobs as shortJobs } from './plan.ts'
import type { Job } from './job.ts'

interface Sizes {
  /** Kills among three nodes on Redis, and as many of one node on the embedded storage. */
  MCP_CHAOS_KILLS: number
  MCP_FAULT_SCHEDULES: number
  MCP_FUZZ_REQUESTS: number
  MCP_SOAK_SECONDS: number
  MCP_LOAD_SESSIONS: number
  /** Rounds in which two writers on one SQLite file are killed. */
  MCP_CRASH_ROUNDS: number
  MCP_FULL_DISK_ROUNDS: number
}

const full: Sizes = {
  MCP_CHAOS_KILLS: 100,
  MCP_FAULT_SCHEDULES: 1_000,
  MCP_FUZZ_REQUESTS: 1_000_000,
  MCP_SOAK_SECONDS: 1_800,
  MCP_LOAD_SESSIONS: 10_000,
  MCP_CRASH_ROUNDS: 100,
  MCP_FULL_DISK_ROUNDS: 20
}

/** What fits into the gate's time: `MCP_TEST_SIZES=gate`. */
const gate: Sizes = {
  MCP_CHAOS_KILLS: 15,
  MCP_FAULT_SCHEDULES: 200,
  MCP_FUZZ_REQUESTS: 40_000,
  MCP_SOAK_SECONDS: 90,
  MCP_LOAD_SESSIONS: 1_000,
  MCP_CRASH_ROUNDS: 12,
  MCP_FULL_DISK_ROUNDS: 6
}

const sizes = process.env.MCP_TEST_SIZES === 'gate' ? gate : full
const env = {
  MCP_CHAOS_VARIANTS: 'all',
  MCP_TEST_FILE_TIMEOUT_MS: String(3 * 3_600_000),
  ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, process.env[name] ?? String(size)]))
}

const foundations = shortJobs.filter(({ name }) => ['programs', 'types and build', 'console'].includes(name))
const built = { after: foundations.map(({ name }) => name) }

const chaos = testFiles('resilience/chaos').map(file => {
  return group(`resilience: chaos/${path.basename(file, '.test.ts')}`, 'resilience', [file], { share: 0.5, ...built, env })
})

export const longJobs: readonly Job[] = [
  ...foundations,
  ...chaos,
  ...testFiles('resilience/soak').map(file => group(`resilience: soak/${path.basename(file, '.test.ts')}`, 'resilience', [file], { share: 0.5, ...built, env })),
  group('resilience: sqlite', 'resilience', ['crash', 'full-disk'].map(file => `../packages/storage-sqlite/test/${file}.test.ts`), { share: 0.4, ...built, env }),
  ...['firefox', 'webkit'].map(browser => group(`e2e: ${browser}`, 'e2e', testFiles('e2e').filter(file => file.endsWith(`/${browser}.test.ts`)), { share: 0.5, ...built })),
  folder('repo', 'node-versions', { share: 0.5, ...built }),
  group('repo: empty folder', 'repo', ['repo/docs/empty-folder.test.ts'], { share: 0.5, ...built }),
  conformance('three nodes', { share: 0.5, ...built }),
  conformance('client', { share: 0.5, ...built }),
  conformance('client requirements', { share: 0.5, ...built }),
  folder('resilience', 'faults', { share: 0.5, ...built, env }),
  folder('resilience', 'fuzz', { share: 0.5, ...built, env }),
  // Latencies are measured here, so nothing runs beside it.
  folder('resilience', 'load', { share: 1, ...built, env })
]
