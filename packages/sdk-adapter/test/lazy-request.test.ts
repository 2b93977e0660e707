import t from 'tap'
import { inspect } from 'node:util'
import { lazyRequest } from '../src/lazy-request.ts'

const info = {
  method: 'POST',
  url: 'http://127.0.0.1:3000/mcp?x=1',
  headers: { host: 'h', 'x-many': ['a', 'b'], 'x-none': undefined, ':path': '/mcp' }
}

t.test('is a Request to whoever looks', async t => {
  const request = lazyRequest(info)
  t.ok(request instanceof Request)
  t.equal(request.method, 'POST')
  t.equal(request.url, info.url)
  t.equal(request.headers.get('x-many'), 'a, b')
  t.strictSame([...request.headers.keys()], ['host', 'x-many'])
  t.notOk(request.signal.aborted)
  t.equal(await request.text(), '')
  t.equal(request.headers, request.headers, 'materialized once')
  t.equal(new Request(lazyRequest(info).clone()).url, info.url)
  t.match(inspect(request), /POST/)
})

t.test('costs nothing until then', async t => {
  t.doesNotThrow(() => lazyRequest({ ...info, url: 'not a url' }))
  t.throws(() => lazyRequest({ ...info, url: 'not a url' }).url)
})
