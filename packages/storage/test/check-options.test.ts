import { Type } from '@sinclair/typebox'
import t from 'tap'
import { checkOptions, hasMethods, Opaque } from '../src/index.ts'

interface Application { accept (): void }

const Schema = Type.Object({
  application: Opaque<Application | (() => void)>('an application (an object with accept, or a function)',
    value => typeof value === 'function' || hasMethods(value, 'accept')),
  path: Type.String({ minLength: 1, default: '/mcp' }),
  mode: Type.Union([Type.Literal('json'), Type.Literal('stream'), Type.Literal('auto')], { default: 'auto' }),
  sessions: Type.Union([
    Type.Literal(false),
    Type.Object({
      idleMs: Type.Integer({ minimum: 1, default: 1000 }),
      max: Type.Integer({ minimum: 1, default: 5 })
    }, { additionalProperties: false })
  ], { default: {} }),
  limits: Type.Object({
    body: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
    ratio: Type.Number({ exclusiveMinimum: 0, default: 1 })
  }, { additionalProperties: false, default: {} }),
  hosts: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  hook: Type.Optional(Type.Function([], Type.Unknown())),
  strict: Type.Optional(Type.Boolean()),
  secret: Type.Optional(Type.String({ minLength: 8, writeOnly: true })),
  name: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
  at: Type.Optional(Type.Number({ maximum: 3 }))
}, { additionalProperties: false })

const application = { accept () {} }
const check = (options: unknown) => checkOptions(Schema, options, sentence => new Error(sentence))

t.test('defaults are filled in, at every depth, and nothing of the caller changes', async t => {
  const options = Object.freeze({ application, limits: Object.freeze({ body: 7 }), hosts: ['a'] })
  const filled = check(options)
  t.same(filled, {
    application,
    path: '/mcp',
    mode: 'auto',
    sessions: { idleMs: 1000, max: 5 },
    limits: { body: 7, ratio: 1 },
    hosts: ['a']
  })
  t.equal(check({ application, sessions: false }).sessions, false)
  t.same(check({ application, sessions: { max: 2 } }).sessions, { idleMs: 1000, max: 2 })
  t.not(check({ application }).limits, check({ application }).limits)
})

t.test('code is handed through as it is', async t => {
  class Counter {
    #calls = 0
    accept () { this.#calls++ }
  }
  const counter = new Counter()
  t.equal(check({ application: counter }).application, counter)
  t.equal(check({ application }).application, application)
  const hook = () => {}
  t.equal(check({ application: hook, hook }).hook, hook)
})

t.test('an option that is undefined counts as absent', async t => {
  t.equal(check({ application, path: undefined }).path, '/mcp')
  t.notOk('hosts' in check({ application, hosts: undefined }))
})

t.test('one sentence says which option, what it must be and what was given', async t => {
  const rows: Array<[unknown, string]> = [
    [null, 'the options must be an object with "application", got null'],
    ['x', 'the options must be an object with "application", got "x"'],
    [{}, 'option "application" must be an application (an object with accept, or a function), got nothing'],
    [{ application: {} }, 'option "application" must be an application (an object with accept, or a function), got an object'],
    [{ application, path: '' }, 'option "path" must be a non-empty string, got ""'],
    [{ application, limits: 1 }, 'option "limits" must be an object, got 1'],
    [{ application, mode: 'sse' }, 'option "mode" must be "json", "stream" or "auto", got "sse"'],
    [{ application, mode: 'x'.repeat(100) }, `option "mode" must be "json", "stream" or "auto", got "${'x'.repeat(60)}…"`],
    [{ application, sessions: true }, 'option "sessions" must be false or an object, got true'],
    [{ application, sessions: { max: 0 } }, 'option "sessions.max" must be an integer of at least 1, got 0'],
    [{ application, sessions: { mx: 1 } }, 'option "sessions.mx" is unknown, expected "idleMs" or "max"'],
    [{ application, limits: { body: 1.5 } }, 'option "limits.body" must be an integer from 1 to 100, got 1.5'],
    [{ application, limits: { ratio: 0 } }, 'option "limits.ratio" must be a number greater than 0, got 0'],
    [{ application, limits: { 'bo/dy': 1 } }, 'option "limits.bo/dy" is unknown, expected "body" or "ratio"'],
    [{ application, hosts: [] }, 'option "hosts" must be an array of at least 1, each item a non-empty string, got an empty array'],
    [{ application, hosts: ['a', 1] }, 'option "hosts.1" must be a non-empty string, got 1'],
    [{ application, hook: 'x' }, 'option "hook" must be a function, got "x"'],
    [{ application, strict: () => {} }, 'option "strict" must be true or false, got a function'],
    [{ application, secret: 'hunter' }, 'option "secret" must be a string of at least 8 characters, got a string that is not shown'],
    [{ application, name: 'A' }, 'option "name" must be a string matching ^[a-z]+$, got "A"'],
    [{ application, at: 4 }, 'option "at" must be a number of at most 3, got 4']
  ]
  for (const [options, sentence] of rows) t.throws(() => check(options), { message: sentence })
  t.throws(() => check({ application, unknown: 1 }), { message: /^option "unknown" is unknown, expected "application", "path", .* or "at"$/ })
  t.throws(() => checkOptions(Type.Object({}, { additionalProperties: false }), { a: 1 }, sentence => new Error(sentence)),
    { message: 'option "a" is unknown, there are none' })
})

t.test('names of Object.prototype are no options', async t => {
  t.throws(() => check({ application, toString: 1 }), { message: /^option "toString" is unknown/ })
  t.throws(() => check(JSON.parse('{"__proto__":{"path":1}}')), Error)
})
