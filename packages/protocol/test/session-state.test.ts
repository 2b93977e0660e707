import t from 'tap'
import { isSubscribed, subscribedUris, subscriptionKey } from '../src/index.ts'

t.test('D-20: every subscription of a session has a key of its own', async t => {
  const uris = ['file:///a', '', 'subscription:file:///a', '__proto__', 'é']
  const state = Object.fromEntries(uris.map(uri => [subscriptionKey(uri), true]))
  t.equal(Object.keys(state).length, uris.length)
  for (const uri of uris) t.ok(isSubscribed(state, uri), uri)
  t.same(subscribedUris({ ...state, logLevel: 'info' }), uris)
})

t.test('what was never subscribed, or no longer is, does not count', async t => {
  const state = { [subscriptionKey('gone')]: undefined, level: 'info' }
  t.notOk(isSubscribed(state, 'gone'))
  t.notOk(isSubscribed(state, 'level'))
  t.notOk(isSubscribed({}, 'constructor'))
  t.same(subscribedUris(state), [])
})
