import t from 'tap'
import { isAllowedOrigin, type OriginRule } from '../src/index.ts'

const listed = ['https://app.example.com', 'moz-extension://*']

const table: ReadonlyArray<readonly [origin: string, rule: OriginRule | undefined, loopback: boolean, allowed: boolean]> = [
  ['http://localhost:6274', undefined, true, true],
  ['http://127.0.0.1', undefined, true, true],
  ['http://127.9.9.9:80', undefined, true, true],
  ['http://[::1]:8080', undefined, true, true],
  ['http://app.localhost:8080', undefined, true, true],
  ['https://evil.example', undefined, true, false],
  ['http://localhost.evil.example', undefined, true, false],
  ['http://127.0.0.1.evil.example', undefined, true, false],
  ['null', undefined, true, false],
  ['http://localhost:6274', undefined, false, false],
  ['https://app.example.com', listed, false, true],
  ['https://APP.example.com', listed, false, true],
  ['https://app.example.com:8443', listed, false, false],
  ['http://app.example.com', listed, false, false],
  ['https://app.example.com/', listed, false, false],
  ['https://app.example.com, https://evil.example', listed, false, false],
  ['https://app.example.com@evil.example', listed, false, false],
  ['moz-extension://0f1e2d3c', listed, false, true],
  ['chrome-extension://0f1e2d3c', listed, false, false],
  ['http://localhost:6274', listed, true, false],
  ['null', listed, true, false],
  ['https://any.example', ['*'], false, true],
  ['https://a.team.example', origin => /^https:\/\/\w+\.team\.example$/.test(origin), false, true]
]

for (const [origin, rule, loopback, allowed] of table) {
  const shown = typeof rule === 'function' ? 'a function' : rule?.join(' ') ?? 'nothing'
  t.test(`H-3 users row 26: ${origin} is ${allowed ? 'allowed' : 'refused'} by ${shown}${loopback ? ' on loopback' : ''}`, async t => {
    t.equal(isAllowedOrigin(origin, rule, loopback), allowed)
  })
}
