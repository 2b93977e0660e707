/** Who gets in at all: the host and origin guard, then authentication. Both before a byte of the body is read (B-1). */
import type { Authentication } from '@mcp/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Guard } from './guard-hook.ts'
import { FastifyRequestHead } from './request-info.ts'
import { sendRefusal } from './refusal.ts'

/** Whether a request may go on; one that may not is answered already. Rejects when authentication itself fails. */
export type Admission = (request: FastifyRequest, reply: FastifyReply) => boolean | Promise<boolean>

/** Authenticates by the `mcpAuth` that `scope` sees when the request comes, its own or its parents'. */
export function createAdmission (scope: FastifyInstance, guard: Guard): Admission {
  return (request, reply) => {
    if (!guard(request, reply)) return false
    if (scope.mcpAuth === undefined) return true
    const verdict = scope.mcpAuth.authenticate(new FastifyRequestHead(request))
    return verdict instanceof Promise ? verdict.then(late => admit(late, request, reply)) : admit(verdict, request, reply)
  }
}

function admit (verdict: Authentication, request: FastifyRequest, reply: FastifyReply): boolean {
  if (verdict.kind === 'refused') {
    sendRefusal(reply, verdict)
    return false
  }
  request.mcpPrincipal = verdict.principal
  return true
}
