import t from 'tap'
import { inspect } from 'node:util'
import { lazyRequest } from '../src/lazy-request.ts'
import { call, TestExchange } from './helper.ts'

function made (url = 'http://127.0.0.1:3000/mcp?x=1'): TestExchange {
  const exchange = new TestExchange(call('echo'), { headers: { host: 'h', 'x-many': ['a', 'b'], 'x-none': undefined, ':path': '/mcp' } })
  return Object.assign(exchange, { request: { ...exchange.request, url } })
}

t.test('is a Request to whoever looks', async t => {
  const exchange = made()
  const request = lazyRequest(exchange)
  t.ok(request instanceof Request)
  t.equal(request.method, 'POST')
  t.equal(request.url, exchange.request.url)
  t.equal(request.headers.get('x-many'), 'a, b')
  t.strictSame([...request.headers.keys()], ['host', 'x-many'])
  t.notOk(request.signal.aborted)
  t.equal(await request.text(), '')
  t.equal(request.headers, request.headers, 'materialized once')
  t.equal(new Request(lazyRequest(exchange).clone()).url, exchange.request.url)
  t.match(inspect(request), /POST/)
  exchange.cancel()
  t.ok(request.signal.aborted, 'its signal is the one of the exchange')
})

t.test('costs nothing until then', async t => {
  t.doesNotThrow(() => lazyRequest(made('not a url')))
  t.throws(() => lazyRequest(made('not a url')).url)
})
