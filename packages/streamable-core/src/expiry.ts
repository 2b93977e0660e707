/** Streams end when the credential does that opened them: whoever comes back shows a fresh one (G-21). */
import { whenOver } from '@mcp/sse'
import type { FastifyReply } from 'fastify'

/** By how much clocks may differ, seconds: what is verified with less is refused before its streams end. */
const SKEW_S = 60
/** The longest delay a timer takes. */
const LONGEST_MS = 2 ** 31 - 1

/** Calls `end` when the caller's credential has expired and the reply is still open. */
export function atExpiry (reply: FastifyReply, end: () => void): void {
  const expiresAt = reply.request.mcpPrincipal?.expiresAt
  if (expiresAt === undefined) return
  const due = (expiresAt + SKEW_S) * 1000
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    const left = due - Date.now()
    timer = setTimeout(left > LONGEST_MS ? wait : expire, Math.min(Math.max(left, 0), LONGEST_MS))
    timer.unref()
  }
  const expire = (): void => {
    reply.log.info({ reason: 'the credential has expired' }, 'stream ended')
    end()
  }
  wait()
  whenOver(reply, () => clearTimeout(timer))
}
