/** What every reply has to be, whatever was asked. */
import { climb, isObject, type JsonObject, type LadderPolicy, type Verdict } from '@mcp/protocol'
import { parseJsonBody } from '../../../../packages/streamable-core/src/json-body.ts'
import type { Encoded } from './encode.ts'
import type { HeldSession } from './held.ts'
import { marksIn } from './marks.ts'
import { BODY_LIMIT, JSON_DEPTH, POLICIES, type Variant } from './policies.ts'
import type { Reply } from './replies.ts'

const STATUSES = new Set([200, 202, 204, 400, 401, 403, 404, 405, 406, 408, 413, 415, 417, 429, 431])
const LEAKS = /a secret of the application|node_modules|\.[jt]s:\d+/

/** @throws with what is wrong about it */
export function judgeReply (variant: Variant, encoded: Encoded, reply: Reply, held: HeldSession | undefined, streaming: boolean): void {
  const text = reply.body.toString('utf8')
  const must = (held: boolean, what: string): void => { if (!held) throw new Error(`${what}: ${reply.head.slice(0, 600)}\n${text.slice(0, 600)}`) }
  const { status } = reply
  must(STATUSES.has(status) || (status === 503 && reply.headers.has('retry-after')), `status ${status}`)
  must(reply.complete || streaming, 'the reply is cut off')
  must(!LEAKS.test(text), 'it tells of the inside')
  for (const mark of [...marksIn(reply.head), ...marksIn(text)]) {
    must(mark === encoded.meaning.mark || (encoded.method === 'GET' && held?.knows(mark) === true), `${mark} belongs to another request than ${encoded.meaning.mark}`)
  }
  if (status === 202 || status === 204) must(text === '' && !reply.headers.has('content-type'), 'A-35 an empty reply has a body')
  if (encoded.method === 'HEAD') return
  const messages = messagesIn(reply, text, must)
  const asked = askedIds(encoded.body)
  for (const { id, method } of messages) {
    if (method === undefined && id !== undefined && encoded.method === 'POST') must(asked.has(id), `A-4, A-5 an answer to ${JSON.stringify(id)}, which was not asked here`)
  }
  const verdict = verdictOn(variant, encoded)
  if (verdict?.kind !== 'refused') return
  must(status === verdict.status, `the ladder says ${verdict.status} (${verdict.rung})`)
  must(messages.length === 1 && isObject(messages[0]?.error) && messages[0].error.code === verdict.code, `the ladder says ${verdict.code} (${verdict.rung})`)
}

/** How many responses a reply holds for an id. */
export function answersTo (id: string, reply: Reply): number {
  return messagesIn(reply, reply.body.toString(), () => {}).filter(message => message.id === id && message.method === undefined).length
}

function messagesIn (reply: Reply, text: string, must: (held: boolean, what: string) => void): JsonObject[] {
  const type = reply.headers.get('content-type') ?? ''
  const values: unknown[] = []
  try {
    if (type.startsWith('text/event-stream')) {
      // A stream that goes on may end in the middle of an event; the first of HTTP+SSE holds a path.
      for (const [, data = ''] of text.matchAll(/(?<!event: endpoint\n)(?<=^|\n)data: ([^\n]+)\n\n/g)) values.push(JSON.parse(data))
    } else if (type.startsWith('application/json')) {
      values.push(...[JSON.parse(text) as unknown].flat())
    } else {
      must(text === '', `a body of type ${type}`)
    }
  } catch {
    must(false, 'what it says is no JSON')
  }
  return values.filter(value => isObject(value))
}

/** Ids of requests in a body, and `undefined` for errors that name none. */
function askedIds (body: Buffer): Set<unknown> {
  try {
    return new Set([JSON.parse(body.toString().replace(/^\ufeff/, '')) as unknown].flat().map(message => isObject(message) ? message.id : undefined))
  } catch {
    return new Set()
  }
}

const ENDPOINT = /^\/mcp\/?(?:\?|$)/
const CREDENTIALS = new Set(['authorization', 'x-api-key'])

/** What the pure ladder says of a request, where nothing else comes before it; else `undefined`. */
function verdictOn (variant: Variant, { request, method, fields, body, meaning, tame }: Encoded): Verdict | undefined {
  const policy: LadderPolicy = POLICIES[variant]
  if (!ENDPOINT.test(request.path) || !tame || !/^(?:GET|POST|PUT|PATCH|DELETE|TRACE)$/.test(method)) return undefined
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of fields) {
    const key = name.toLowerCase()
    // The guard decides before the ladder: it looks at the origin, the host, and signs of a proxy.
    if (key in headers || key === 'origin' || key.startsWith('x-forwarded-') || (key === 'host' && value !== '127.0.0.1')) return undefined
    headers[key] = value
  }
  if (variant === 'guarded' && (meaning.key === null || request.fields.some(([name]) => CREDENTIALS.has(name.toLowerCase())))) return undefined
  const raw = fields.flat()
  const head = climb(method, headers, raw, { jsonrpc: '2.0', method: 'x' }, policy)
  if (head.kind === 'refused' && [405, 406, 415].includes(head.status)) return head
  if (method !== 'POST') return head
  if (body.length > BODY_LIMIT) return refused(413, -32600)
  try {
    return climb(method, headers, raw, parseJsonBody(body, JSON_DEPTH), policy)
  } catch {
    return refused(400, -32700)
  }
}

function refused (status: number, code: number): Verdict {
  return { kind: 'refused', rung: 'body', status, code, id: undefined, message: '' }
}
