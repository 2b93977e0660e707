import t from 'tap'
import { envelopeFaults, hasClaim, isLogLevel, MetaKey, metaOf, reachesLogLevel } from '../src/index.ts'
import { CAPABILITIES_KEY, CLIENT_KEY, envelope, enveloped, VERSION_KEY } from './helper.ts'

t.test('B-6: a claim is the presence of a version, valid or not', async t => {
  t.ok(hasClaim(enveloped('m')))
  t.ok(hasClaim({ params: { _meta: { [VERSION_KEY]: null } } }))
  for (const value of [null, 5, [], {}, { params: [] }, { params: {} }, { params: { _meta: VERSION_KEY } }, { params: { _meta: {} } }]) {
    t.notOk(hasClaim(value), JSON.stringify(value))
  }
})

t.test('_meta is read where it is an object', async t => {
  t.same(metaOf({ jsonrpc: '2.0', method: 'm', params: { _meta: { a: 1 } } }), { a: 1 })
  t.equal(metaOf({ jsonrpc: '2.0', method: 'm', params: { _meta: 'x' } }), undefined)
  t.equal(metaOf({ jsonrpc: '2.0', method: 'm' }), undefined)
})

t.test('B-11: every faulty key is named', async t => {
  t.same(envelopeFaults(envelope()), [])
  t.same(envelopeFaults(envelope({ [CLIENT_KEY]: { name: 'x' } })), [])
  t.same(envelopeFaults({}), [`${VERSION_KEY} must be a string`, `${CAPABILITIES_KEY} is missing`])
  t.same(envelopeFaults(envelope({ [CAPABILITIES_KEY]: [] })), [`${CAPABILITIES_KEY} must be an object`])
  t.same(envelopeFaults(envelope({ [CLIENT_KEY]: 'me' })), [`${CLIENT_KEY} must be an object`])
})

t.test('E-12: the reserved names are those of the specification', async t => {
  for (const key of Object.values(MetaKey)) t.match(key, /^io\.modelcontextprotocol\/[a-zA-Z]+$/)
})

t.test('E-50: log messages reach who asked for their level, and nobody else', async t => {
  t.ok(reachesLogLevel('error', 'warning'))
  t.ok(reachesLogLevel('warning', 'warning'))
  t.notOk(reachesLogLevel('info', 'warning'))
  t.notOk(reachesLogLevel('emergency', undefined), 'nothing was asked for')
  t.notOk(reachesLogLevel('emergency', 'loud'))
  t.notOk(reachesLogLevel('loud', 'debug'))
})

t.test('E-50: eight levels are known', async t => {
  for (const level of ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']) t.ok(isLogLevel(level))
  for (const level of ['warn', 'INFO', '', 3, null, undefined]) t.notOk(isLogLevel(level))
})
