/** The ladder is total: whatever the request, it has exactly one verdict, and the same one every time. */
import fc from 'fast-check'
import t from 'tap'
import { body, headers, httpMethod, judged, policy } from '../../../packages/protocol/test/any-request.ts'
import { legacyMessage, modernMessage } from './lib/messages.ts'
import { FULL, SEED } from './lib/settings.ts'

const RUNS = FULL ? 1_000_000 : 20_000
/** Verdicts every run of this length comes to. */
const RUNGS = ['legacy', 'dropped', 'batch', 'message', 'response', 'envelope', 'header-version', 'version', 'media-type', 'method', 'modern', 'get', 'delete']

const JSON_FIELDS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
/** Mostly what clients send, with one thing or another wrong. */
const usual = fc.oneof(
  legacyMessage.map(body => ({ method: 'POST', headers: JSON_FIELDS, body })),
  modernMessage.map(({ message, mirrored }) => {
    const fields = Object.fromEntries(mirrored.map(([name, value]) => [name.toLowerCase(), value]))
    return { method: 'POST', headers: { ...JSON_FIELDS, ...fields }, body: message }
  }))
const request = fc.oneof(fc.record({ method: httpMethod, headers, body }), usual)

t.test(`B-30, B-32, H-24: ${RUNS} requests climb the ladder, each to one verdict`, { timeout: 60_000 + RUNS * 2 }, async t => {
  const seen = new Map<string, number>()
  fc.assert(fc.property(request, policy, ({ method, headers, body }, policy) => {
    const verdict = judged(method, headers, body, policy)
    if (JSON.stringify(judged(method, headers, body, policy)) !== JSON.stringify(verdict)) throw new Error('another verdict the second time')
    const reached = verdict.kind === 'refused' ? verdict.rung : verdict.kind
    seen.set(reached, (seen.get(reached) ?? 0) + 1)
  }), { numRuns: RUNS, seed: SEED })
  t.comment(`seed ${SEED}: ${[...seen].map(([rung, count]) => `${rung} ${count}`).join(', ')}`)
  t.strictSame(RUNGS.filter(rung => !seen.has(rung)), [], 'every kind of verdict was reached')
})
