/** How much is measured. `--quick` is for trying things out: its figures are too rough to publish. */
export interface Scale {
  readonly rounds: number
  readonly warmUpCalls: number
  readonly warmUpMs: number
  readonly echoMs: number
  readonly connections: number
  readonly profileMs: number
  readonly burstEvents: number
  readonly burstsPerSample: number
  readonly idleSessions: number
  readonly idleRounds: number
  /** Rounds of the works about storages. */
  readonly storageRounds: number
  readonly missedEvents: number
  readonly rebuiltSessions: number
  readonly dormantSessions: number
}

export const FULL: Scale = {
  rounds: 15,
  warmUpCalls: 20_000,
  warmUpMs: 10_000,
  echoMs: 800,
  connections: 16,
  profileMs: 4000,
  burstEvents: 20_000,
  burstsPerSample: 5,
  idleSessions: 3000,
  idleRounds: 3,
  storageRounds: 9,
  missedEvents: 10_000,
  rebuiltSessions: 800,
  dormantSessions: 100_000
}

export const QUICK: Scale = {
  ...FULL,
  rounds: 3,
  warmUpCalls: 6000,
  warmUpMs: 4000,
  echoMs: 500,
  profileMs: 1500,
  burstsPerSample: 2,
  idleSessions: 1000,
  idleRounds: 1,
  storageRounds: 3,
  dormantSessions: 10_000
}
