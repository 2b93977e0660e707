import t from 'tap'
import { buildApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'

t.test('H-7: requests have to arrive in time', async t => {
  const app = await buildApp(readConfig({ LOG_LEVEL: 'silent', MCP_STORAGE: 'memory:' }))
  t.teardown(() => app.close())
  const { requestTimeout, headersTimeout } = app.server
  t.ok(requestTimeout > 0 && requestTimeout <= 60_000, `whole within ${requestTimeout} ms`)
  t.ok(headersTimeout > 0 && headersTimeout < requestTimeout, `their fields within ${headersTimeout} ms`)
})
