/** Opens sessions the way a client does, so that what is measured is a session in use. */
import type { Connection } from './connection.ts'
import { header, headOf, statusOf } from './reply.ts'
import { INITIALIZE, INITIALIZED, post } from './requests.ts'
import type { Addressing } from './requests.ts'

/** How a contestant is spoken to. `as-if`: with the headers of a session, to a server that keeps none. */
export type Manner = 'session' | 'modern' | 'as-if-session'

const NO_SESSION = '00000000-0000-4000-8000-000000000000'

export async function open (connection: Connection, port: number, manner: Manner, token?: string): Promise<Addressing> {
  if (manner === 'modern') return { era: 'modern', token }
  if (manner === 'as-if-session') return { era: 'legacy', session: NO_SESSION, token }
  const reply = await connection.ask(post(port, { era: 'legacy', session: null, token }, INITIALIZE))
  const session = header(headOf(reply) ?? '', 'mcp-session-id')
  if (statusOf(reply) !== 200 || session === undefined) throw new Error(`No session was opened:\n${reply}`)
  const addressing: Addressing = { era: 'legacy', session, token }
  const accepted = await connection.ask(post(port, addressing, INITIALIZED))
  if (statusOf(accepted) !== 202) throw new Error(`notifications/initialized was not accepted:\n${accepted}`)
  return addressing
}
