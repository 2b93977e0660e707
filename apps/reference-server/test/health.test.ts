import t from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

t.test('says that it is well, and whether it wants traffic', async t => {
  const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:' }))
  t.teardown(() => app.close())
  const ask = async (url: string) => {
    const { statusCode, body } = await app.inject(url)
    return [statusCode, body]
  }
  t.same(await ask('/healthz'), [200, '{"status":"ok"}'])
  t.same(await ask('/readyz'), [200, '{"status":"ready"}'])
  app.mcp.drain()
  t.same(await ask('/healthz'), [200, '{"status":"draining"}'])
  t.same(await ask('/readyz'), [503, '{"status":"draining"}'])
})
