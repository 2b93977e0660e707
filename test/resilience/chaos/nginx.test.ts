/** The nginx example of the docs is the one the chaos runs with. */
import t from 'tap'
import { startRedisServer } from '../../../packages/storage-redis/test/redis-server.ts'
import { textOf } from '../../lib/workspace.ts'
import { startCluster } from './lib/cluster.ts'
import { configuration } from './lib/nginx.ts'
import { needing } from './lib/settings.ts'

t.test('the chaos runs with the example of docs/scaling.md, and only its ports differ', async t => {
  const example = /^```nginx\n(.*?)^```$/ms.exec(textOf('docs/scaling.md'))?.[1] ?? ''
  const used = configuration([1, 2, 3], 8)
  t.equal(used.replaceAll(/127\.0\.0\.1:[123]\b/g, match => `127.0.0.1:300${match.at(-1)}`).replace('listen 127.0.0.1:8', 'listen 8080'), example)
  t.throws(() => configuration([1, 2], 8), /has 3 nodes, not 2/)
  t.throws(() => configuration([1], 8, 'no example'), /has no nginx example/)
})

t.test('the example turns on what streams need and never sends a request twice', async t => {
  const used = configuration([1, 2, 3], 8)
  t.match(used, /proxy_buffering off;/)
  t.notMatch(used, /non_idempotent|ip_hash|sticky|hash /, 'a POST that was sent is not sent again, and no client belongs to a node')
})

t.test('every node behind it answers', needing('nginx', 'redis'), async t => {
  const redis = await startRedisServer()
  t.teardown(() => redis.close())
  const cluster = await startCluster(redis.url)
  t.teardown(() => cluster.close())
  for (let request = 0; request < 6; request++) {
    const response = await fetch(cluster.url.replace(/mcp$/, 'readyz'))
    t.equal(response.status, 200)
    await response.body?.cancel()
  }
})
