import {
  beatNode, countIndex, createWhole, deleteWhole, moveIndex, patchSession, putSession, reserveIndex, takeSession, touchSession, touchWhole
} from './session-scripts.ts'
import { appendEvents, chargeAccounts, deleteEvents, evictSession, keepCharge, openStream, readEvents, releaseCharge } from './event-scripts.ts'

/** Everything that takes more than one command, by the name of the method the client makes of it. */
export const scripts = {
  mcpOpenStream: { lua: openStream, numberOfKeys: 3 },
  mcpAppendEvents: { lua: appendEvents, numberOfKeys: 3 },
  mcpReadEvents: { lua: readEvents, numberOfKeys: 3 },
  mcpDeleteEvents: { lua: deleteEvents, numberOfKeys: 3 },
  mcpEvictSession: { lua: evictSession, numberOfKeys: 1 },
  mcpCharge: { lua: chargeAccounts, numberOfKeys: 1 },
  mcpKeepCharge: { lua: keepCharge, numberOfKeys: 1 },
  mcpReleaseCharge: { lua: releaseCharge, numberOfKeys: 1 },
  mcpCreateWhole: { lua: createWhole, numberOfKeys: 5 },
  mcpTouchWhole: { lua: touchWhole, numberOfKeys: 4 },
  mcpDeleteWhole: { lua: deleteWhole, numberOfKeys: 4 },
  mcpPutSession: { lua: putSession, numberOfKeys: 3 },
  mcpTouchSession: { lua: touchSession, numberOfKeys: 3 },
  mcpTakeSession: { lua: takeSession, numberOfKeys: 3 },
  mcpPatchSession: { lua: patchSession, numberOfKeys: 1 },
  mcpCountIndex: { lua: countIndex, numberOfKeys: 1 },
  mcpReserveIndex: { lua: reserveIndex, numberOfKeys: 1 },
  mcpMoveIndex: { lua: moveIndex, numberOfKeys: 1 },
  mcpBeatNode: { lua: beatNode, numberOfKeys: 1 },
  mcpPublish: { lua: "return redis.call('PUBLISH', KEYS[1], ARGV[1])", numberOfKeys: 1 }
} as const

export type ScriptName = keyof typeof scripts
