/** Streams end when the credential does that opened them: whoever comes back shows a fresh one (G-21, E-40). */
import { principalKey, type AuthGate, type Principal } from '@mcp/protocol'
import { whenOver } from '@mcp/sse'
import { ticker } from '@mcp/storage'
import type { FastifyReply } from 'fastify'
import { FastifyRequestHead } from './request-info.ts'

/** By how much clocks may differ, seconds: what is verified with less is refused before its streams end. */
const SKEW_S = 60
/** The longest delay a timer takes. */
const LONGEST_MS = 2 ** 31 - 1

type Stop = () => void

/** Calls `end` when the caller's credential has expired, or was taken back, and the reply is still open. */
export function atExpiry (reply: FastifyReply, end: () => void): void {
  const { server, request: { mcpPrincipal: principal } } = reply
  if (principal === null) return
  const stops: Stop[] = []
  const stop = (): boolean => {
    const running = stops.splice(0)
    for (const each of running) each()
    return running.length > 0
  }
  const endFor = (reason: string): void => {
    if (!stop()) return
    reply.log.info({ reason }, 'stream ended')
    end()
  }
  if (principal.expiresAt !== undefined) stops.push(at((principal.expiresAt + SKEW_S) * 1000, () => endFor('the credential has expired')))
  if (server.mcpAuth !== undefined) stops.push(whenLost(reply, server.mcpAuth, principal, () => endFor('the credential is worth nothing any more')))
  if (stops.length > 0) whenOver(reply, stop)
}

/** At a time in milliseconds since the epoch, however far away. */
function at (due: number, act: () => void): Stop {
  let timer: NodeJS.Timeout | undefined
  const wait = (): void => {
    const left = due - Date.now()
    timer = setTimeout(left > LONGEST_MS ? wait : act, Math.min(Math.max(left, 0), LONGEST_MS))
    timer.unref()
  }
  wait()
  return () => clearTimeout(timer)
}

/** Asks now and then what the credential is worth. While nobody can tell (503), the stream stays. */
function whenLost (reply: FastifyReply, auth: AuthGate, principal: Principal, act: () => void): Stop {
  const head = new FastifyRequestHead(reply.request)
  const key = principalKey(principal)
  let asking = false
  const ask = async (): Promise<void> => {
    if (asking) return
    asking = true
    const verdict = await auth.authenticate(head)
    asking = false
    if (verdict.kind === 'principal' ? principalKey(verdict.principal) !== key : verdict.status !== 503) act()
  }
  return ticker.every(reply.server.mcp.credentialCheckMs, ask, error => {
    reply.log.error({ err: error }, 'the credential of an open stream cannot be verified')
    act()
  })
}
