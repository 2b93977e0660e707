import { randomBytes } from 'node:crypto'
import { createRequestStateCodec } from '@modelcontextprotocol/server'

/** What the multi-round tools carry from one round to the next. */
export interface RoundState {
  /** The tool that minted it. */
  readonly tool: string
  readonly round: number
  readonly name?: string
}

/**
 * Seals what a client carries between rounds. State minted for one method or caller is refused for another. The key lives
 * as long as the process: rounds begun before a restart start over.
 */
export const requestState = createRequestStateCodec<RoundState>({
  key: randomBytes(32),
  ttlSeconds: 600,
  bind: context => JSON.stringify([context.mcpReq.method, context.http?.authInfo?.clientId ?? null])
})
