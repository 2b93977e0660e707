import fc from 'fast-check'
import t from 'tap'
import { climb } from '../src/index.ts'
import { body, headers, httpMethod, judged, policy } from './any-request.ts'

t.test('B-32 H-24: every request gets exactly one verdict, and refusals can be read', async t => {
  const seen = new Set<string>()
  fc.assert(fc.property(httpMethod, headers, body, policy, (method, headers, body, policy) => {
    const verdict = judged(method, headers, body, policy)
    seen.add(verdict.kind === 'refused' ? verdict.rung : verdict.kind)
  }), { numRuns: 4000, seed: 20260728 })
  // Proof that the generator climbs, instead of stumbling over the first rung.
  for (const rung of ['legacy', 'dropped', 'batch', 'message', 'response', 'envelope', 'header-version', 'version', 'media-type', 'method']) {
    t.ok(seen.has(rung), `reached ${rung}`)
  }
})

t.test('B-30: a verdict depends on nothing but its request', async t => {
  fc.assert(fc.property(headers, body, policy, fc.array(fc.tuple(headers, body), { maxLength: 3 }), (headers, body, policy, others) => {
    const first = JSON.stringify(climb('POST', headers, [], body, policy))
    for (const [headers, body] of others) climb('POST', headers, [], body, policy)
    if (JSON.stringify(climb('POST', headers, [], body, policy)) !== first) throw new Error('another verdict')
  }), { numRuns: 500, seed: 20260728 })
  t.pass('same request, same verdict')
})
